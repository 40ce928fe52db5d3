/** `postern seal`: the keys of sealed messages, for the operator. */
import { type Command, InvalidArgumentError } from "commander";
import type { Config } from "../config.ts";
import { noteSealKeys } from "../domain/tickets/note-seal-keys.ts";
import { system } from "../kernel/actor.ts";
import { isMonth, type Month, monthOf } from "../platform/seal/seal-month.ts";
import { errorCode, StartFailure } from "../platform/start-failure.ts";
import { type CommandContext, onDatabase, print } from "./command.ts";
import { count } from "./count.ts";
import { addKeys, destroyKeys, foreseeShredding } from "./seal-key-changes.ts";
import { sealKeysPath } from "./seal-keys-at.ts";

const actor = system("cli");

export function addSeal(program: Command): void {
	const seal = program
		.command("seal")
		.description("make and destroy the keys of encrypted messages");
	seal
		.command("rotate")
		.description("begin a new key for this month; old messages keep theirs")
		.option(
			"--ahead <months>",
			"instead, make the keys of this and so many coming months where there are none",
			parseMonths,
		)
		.action((options: { ahead?: number }) =>
			onDatabase((context) => rotate(context, options.ahead)),
		);
	seal
		.command("shred")
		.description(
			"destroy the keys of whole months: what was sealed with them is never read again",
		)
		.requiredOption(
			"--before <month>",
			"all months before this one, such as 2026-01",
			parseMonth,
		)
		.option("--yes", "do it; without this it only says what it would do")
		.action((options: { before: Month; yes?: boolean }) =>
			onDatabase((context) => shredMonths(context, options)),
		);
}

async function rotate(
	{ config, performer, clock }: CommandContext,
	ahead: number | undefined,
): Promise<void> {
	const path = requirePath(config);
	const made = await addKeys(path, { now: clock(), ahead });
	if (made.length === 0) {
		print("Every one of these months has its key.");
		return;
	}
	await onRecord(`${count(made.length, "key")} made in ${path}`, () =>
		performer.perform(actor, noteSealKeys, { made }),
	);
	for (const id of made) print(`Made ${id}.`);
	print(
		`Keep a copy of ${path} apart from the database and its backups${config.database.url === undefined ? "" : ", and give every host this file"}.`,
	);
}

async function shredMonths(
	{ config, sql, performer, clock }: CommandContext,
	{ before, yes = false }: { readonly before: Month; readonly yes?: boolean },
): Promise<void> {
	const path = requirePath(config);
	const current = monthOf(clock());
	if (before > current)
		throw new StartFailure(
			`The keys of ${current} are in use and cannot be destroyed. Give --before ${current}, or an earlier month.`,
		);
	const foreseen = await foreseeShredding({ path, sql, before });
	if (foreseen.keyIds.length === 0) {
		print(`There is no key of a month before ${before} in ${path}.`);
		return;
	}
	const what = `${count(foreseen.keyIds.length, "key")} of ${foreseen.months.join(", ")}, and with them ${count(foreseen.messages, "message")}`;
	if (!yes) {
		print(`Would destroy ${what}.`);
		print("Nothing has changed. Run it again with --yes.");
		return;
	}
	const destroyed = await destroyKeys(path, before);
	await onRecord(`${count(destroyed.length, "key")} destroyed in ${path}`, () =>
		performer.perform(actor, noteSealKeys, { before, destroyed }),
	);
	print(`Destroyed ${what}.`);
	print(
		"Running processes forget them within ten seconds. Destroy every copy of the file that holds them, on other hosts and in backups; a snapshot of the file system or the cells of a solid-state disk may hold the old file until they are overwritten.",
	);
}

function requirePath(config: Config): string {
	const path = sealKeysPath(config);
	if (path === undefined)
		throw new StartFailure(
			"No file for the seal keys is configured. Set POSTERN_SEAL_KEYS_FILE to the path where they shall be.",
		);
	return path;
}

/** The file has changed already: whoever reads the record must be told what it lacks. */
async function onRecord(
	what: string,
	note: () => Promise<unknown>,
): Promise<void> {
	try {
		await note();
	} catch (cause) {
		throw new StartFailure(
			`${what}, but that could not be put on record (${errorCode(cause) ?? "unknown error"}). Write it down yourself.`,
			{ cause },
		);
	}
}

function parseMonth(text: string): Month {
	if (isMonth(text)) return text;
	throw new InvalidArgumentError("Give a month such as 2026-01.");
}

function parseMonths(text: string): number {
	const months = /^\d{1,3}$/.test(text) ? Number(text) : 0;
	if (months >= 1 && months <= 120) return months;
	throw new InvalidArgumentError("Give a number of months from 1 to 120.");
}
