/** `postern import`: clients and services from a file, one JSON object a line. */
import type { Command } from "commander";
import { isUnreachable } from "../platform/db.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { onDatabase, print } from "./command.ts";
import { tellBadLines } from "./import/bad-lines.ts";
import {
	type Counts,
	importAllOrNothing,
	importGood,
} from "./import/import-inventory.ts";
import { openSource } from "./import/import-source.ts";
import { showProgress } from "./import/progress.ts";
import { untilStopped } from "./until-stopped.ts";

interface ImportOptions {
	readonly allOrNothing?: boolean;
	readonly errors?: string;
}

export function addImport(program: Command): void {
	program
		.command("import")
		.description(
			"take in clients and services, one JSON object a line; doing it again changes nothing",
		)
		.argument("<file>", "NDJSON; - for standard input")
		.option(
			"--all-or-nothing",
			"one bad line, and nothing goes in (one transaction: what it touches is locked meanwhile)",
		)
		.option("--errors <file>", "write every refused line's number and reason")
		.action(importFile);
}

async function importFile(
	path: string,
	{ allOrNothing = false, errors }: ImportOptions,
): Promise<void> {
	const { source, close } = await openSource(path, {
		input: process.stdin,
		isReadTwice: allOrNothing,
	});
	try {
		await onDatabase(async ({ performer, database }) => {
			const stop = new AbortController();
			void untilStopped(database.ended).then(() => stop.abort());
			const progress = showProgress(process.stderr);
			const bad = await tellBadLines({ show: progress.say, file: errors });
			const listener = {
				onCounts: progress.show,
				onBad: bad.tell,
				isStopped: () => stop.signal.aborted,
			};
			try {
				const job = { performer, source, listener };
				const counts = await (allOrNothing
					? importAllOrNothing(job)
					: importGood(job));
				progress.end();
				await bad.close();
				const isStopped = stop.signal.aborted;
				const seconds = progress.seconds();
				print(summary(counts, { seconds, allOrNothing, isStopped }));
				if (counts.refused > 0 || isStopped) process.exitCode = 1;
			} catch (error) {
				progress.end();
				throw isUnreachable(error) ? databaseGone(error) : error;
			}
		});
	} finally {
		await close();
	}
}

/** No bug: what is in stays in, and the rest can be sent again. */
function databaseGone(cause: unknown): StartFailure {
	return new StartFailure(
		"The database went away. Run the import again: what is in already does no harm.",
		{ cause },
	);
}

function summary(
	{ lines, applied, outdated, refused }: Counts,
	about: {
		readonly seconds: number;
		readonly allOrNothing: boolean;
		readonly isStopped: boolean;
	},
): string {
	const count = (value: number) => value.toLocaleString("en");
	const rate = count(Math.round(lines / Math.max(about.seconds, 0.001)));
	const read = `${about.isStopped ? "Stopped after" : "Read"} ${count(lines)} ${lines === 1 ? "line" : "lines"} in ${about.seconds.toFixed(1)} s (${rate}/s)`;
	if (about.allOrNothing && (refused > 0 || about.isStopped))
		return `${read}: ${count(refused)} refused; nothing was imported.`;
	return `${read}: ${count(applied)} applied, ${count(outdated)} outdated, ${count(refused)} refused.`;
}
