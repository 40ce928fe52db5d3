/** `postern staff`: who works at the provider, for the operator. */
import { Argument, type Command, Option } from "commander";
import { addStaff } from "../domain/accounts/add-staff.ts";
import { listStaff } from "../domain/accounts/list-staff.ts";
import { type PatchStaff, patchStaff } from "../domain/accounts/patch-staff.ts";
import {
	type Staff,
	type StaffRole,
	scopesOfRole,
	staffRoles,
} from "../domain/accounts/staff.ts";
import { system } from "../kernel/actor.ts";
import { Refusal } from "../kernel/errors.ts";
import { isId } from "../kernel/id.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { type CommandContext, onDatabase, print } from "./command.ts";
import { addStaffAccess } from "./staff-access.ts";

const actor = system("cli");

interface AddOptions {
	readonly name: string;
	readonly email?: string;
	readonly role: StaffRole;
}

export function addStaffCommand(program: Command): void {
	const staff = program
		.command("staff")
		.description(
			"invite, add, list, disable and enable staff, and set their roles",
		)
		.addHelpText("after", rolesHelp());
	staff
		.command("add")
		.description(
			"add a member of staff; make a key for them with `postern keys create --staff`",
		)
		.requiredOption("--name <name>", "as colleagues see it")
		.option("--email <address>", "nobody else's")
		.addOption(
			new Option("--role <role>", "what they may do")
				.choices([...staffRoles])
				.makeOptionMandatory(),
		)
		.action((options: AddOptions) =>
			onDatabase((context) => add(context, options)),
		);
	addStaffAccess(staff);
	staff
		.command("list")
		.description("list staff, newest first, with the disabled ones")
		.action(() => onDatabase(list));
	withStaff(
		staff
			.command("disable")
			.description("disable somebody; their keys stop working within a second"),
	).action((staffId: string) => change(staffId, { disabled: true }));
	withStaff(
		staff
			.command("enable")
			.description("enable somebody again, with the keys they had"),
	).action((staffId: string) => change(staffId, { disabled: false }));
	withStaff(
		staff
			.command("role")
			.description("set a role; it limits the keys within a second"),
	)
		.addArgument(
			new Argument("<role>", "what they may do").choices([...staffRoles]),
		)
		.action((staffId: string, role: StaffRole) => change(staffId, { role }));
}

function rolesHelp(): string {
	const roles = staffRoles.map(
		(role) => `  ${role.padEnd(12)}${scopesOfRole(role).join(" ")}`,
	);
	return `
Roles, and the scopes that a key of theirs may have:
${roles.join("\n")}`;
}

function withStaff(command: Command): Command {
	return command.argument("<staff-id>", "the member of staff: staff_…");
}

async function add(
	{ performer }: CommandContext,
	{ name, email, role }: AddOptions,
): Promise<void> {
	const input = { name, email: email ?? null, role };
	const added = await performer.perform(actor, addStaff, input);
	print(`Added ${added.id} (${added.name}, ${added.role}).`);
}

async function list({ performer }: CommandContext): Promise<void> {
	let cursor: string | undefined;
	let shown = 0;
	do {
		const page = await performer.ask(actor, listStaff, { limit: 100, cursor });
		for (const one of page.data) print(lineOf(one));
		shown += page.data.length;
		cursor = page.nextCursor ?? undefined;
	} while (cursor !== undefined);
	if (shown === 0) print("There is no staff.");
}

function lineOf(staff: Staff): string {
	return [
		staff.id,
		staff.role.padEnd(8),
		(staff.disabledAt === null ? "enabled" : "disabled").padEnd(8),
		staff.name,
		staff.email ?? "",
	]
		.join("  ")
		.trimEnd();
}

async function change(
	staffId: string,
	wish: Omit<PatchStaff, "staffId">,
): Promise<void> {
	if (!isId("staff", staffId))
		throw new StartFailure(
			"That is not the id of a member of staff. It begins with staff_: see `postern staff list`.",
		);
	await onDatabase(async ({ performer }) => {
		const changed = await performer
			.perform(actor, patchStaff, { staffId, ...wish })
			.catch((error: unknown) => {
				if (error instanceof Refusal && error.code === "resource.not_found")
					throw new StartFailure(`There is no member of staff ${staffId}.`, {
						cause: error,
					});
				throw error;
			});
		const state = changed.disabledAt === null ? "enabled" : "disabled";
		print(`${changed.id} (${changed.name}): ${changed.role}, ${state}.`);
	});
}
