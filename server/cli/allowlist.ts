/** `postern allowlist`: what the operator does to the whole allow-list. */
import type { Command } from "commander";
import { beginEpoch } from "../domain/allowlist/begin-epoch.ts";
import { system } from "../kernel/actor.ts";
import { onDatabase, print } from "./command.ts";
import { count } from "./count.ts";
import {
	type ConfirmOutcome,
	confirm,
	foresee,
	suspendAll,
} from "./restored-entries.ts";

const actor = system("cli");

/** Entries that stay suspended are named one by one, up to so many. */
const namedMax = 20;

export function addAllowlist(program: Command): void {
	const allowlist = program
		.command("allowlist")
		.description("the allow-list as a whole, after a restore");
	allowlist
		.command("confirm")
		.description("resume the entries that a restore suspended")
		.option("--yes", "do it; without this it only says what it would do")
		.action((options: { yes?: boolean }) =>
			onDatabase(async ({ performer }) => {
				const isDone = options.yes === true;
				const outcome = isDone
					? await confirm(performer, actor)
					: await foresee(performer, actor);
				for (const line of describeOutcome(outcome, isDone)) print(line);
			}),
		);
	allowlist
		.command("new-epoch")
		.description(
			"make every agent take a snapshot, after a restore that Postern could not see",
		)
		.option("--suspend", "also suspend every entry until it is confirmed")
		.action((options: { suspend?: boolean }) =>
			onDatabase(async ({ performer }) => {
				if (options.suspend === true) {
					const suspended = await suspendAll(performer, actor);
					print(`Suspended ${count(suspended, "entry", "entries")}.`);
				}
				const { sites } = await performer.perform(actor, beginEpoch, {
					reason: "asked",
				});
				print(`A new epoch has begun for ${count(sites, "site")}.`);
			}),
		);
}

function describeOutcome(
	{ resumed, staying }: ConfirmOutcome,
	isDone: boolean,
): string[] {
	if (resumed === 0 && staying.length === 0)
		return ["No entry waits to be confirmed."];
	const named = staying
		.slice(0, namedMax)
		.map(({ id, address, whyNot }) => `  ${id}  ${address}  ${whyNot ?? ""}`);
	const more = staying.length - named.length;
	return [
		`${isDone ? "Resumed" : "Would resume"} ${count(resumed, "entry", "entries")}.`,
		...(staying.length === 0
			? []
			: [
					`${isDone ? "Still" : "Would stay"} suspended: ${count(staying.length, "entry", "entries")}`,
					...named,
					...(more > 0 ? [`  … and ${more} more`] : []),
				]),
		...(isDone || resumed === 0
			? []
			: ["Nothing has changed. Run it again with --yes."]),
	];
}
