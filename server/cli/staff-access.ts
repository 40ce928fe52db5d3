/** `postern staff invite` and `postern staff reset`: a link with which somebody chooses how to sign in. */
import { type Command, Option } from "commander";
import { servedAt } from "../config.ts";
import { findStaffCalled } from "../domain/accounts/read-staff.ts";
import {
	type Staff,
	type StaffRole,
	staffRoles,
} from "../domain/accounts/staff.ts";
import {
	type Invite,
	inviteStaff,
	resetAccess,
} from "../domain/credentials/invite-staff.ts";
import { system } from "../kernel/actor.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { type CommandContext, onDatabase, print, shown } from "./command.ts";

const actor = system("cli");

export function addStaffAccess(staff: Command): void {
	staff
		.command("invite")
		.description(
			"add a member of staff, and print a link with which they choose how to sign in",
		)
		.argument("<name>", "as colleagues see it")
		.option(
			"--email <address>",
			"nobody else's; with a password one signs in by it",
		)
		.addOption(
			new Option("--role <role>", "what they may do")
				.choices([...staffRoles])
				.makeOptionMandatory(),
		)
		.action((name: string, options: { email?: string; role: StaffRole }) =>
			onDatabase(async (context) => {
				const invite = await context.performer.perform(actor, inviteStaff, {
					name,
					email: options.email ?? null,
					role: options.role,
				});
				const { id, role } = invite.staff;
				print(`Added ${id} (${name}, ${role}).`);
				printLink(context, invite);
			}),
		);
	staff
		.command("reset")
		.description(
			"take every way to sign in and every session from somebody, and print a new link",
		)
		.argument("<who>", "their name, e-mail address, or id (staff_…)")
		.action((who: string) =>
			onDatabase(async (context) => {
				const { id, name } = await theOne(context, who);
				const reset = await context.performer.perform(actor, resetAccess, {
					staffId: id,
				});
				const { ended } = reset;
				print(
					`${id} (${name}) cannot sign in any more; ${ended} ${ended === 1 ? "session" : "sessions"} ended. API keys go on: see \`postern keys list --staff ${id}\`.`,
				);
				printLink(context, reset);
			}),
		);
}

/** Throws a StartFailure when nobody is meant, somebody who is disabled, or more than one. */
async function theOne({ sql }: CommandContext, who: string): Promise<Staff> {
	const found = await findStaffCalled(sql, who);
	const [only] = found;
	if (only === undefined)
		throw new StartFailure(
			`There is no member of staff ${shown(who)}: see \`postern staff list\`.`,
		);
	if (found.length > 1)
		throw new StartFailure(
			`Several are called ${shown(who)}. Say which by id: ${found.map(({ id }) => id).join(", ")}.`,
		);
	if (only.disabledAt !== null)
		throw new StartFailure(
			`${only.id} is disabled. Enable them first: postern staff enable ${only.id}`,
		);
	return only;
}

function printLink(context: CommandContext, invite: Invite): void {
	const { publicUrl } = servedAt(context.config, context.config.http.port);
	print(`Good once, until ${invite.expiresAt.toISOString()}; shown only now:`);
	// Behind the mark: no server and no proxy on the way has it in a log.
	print(`${publicUrl}/desk/invite#${invite.token}`);
}
