/** `postern attachments`: whether files and rows agree, for after a restore, a move or an accident. */
import { createHash } from "node:crypto";
import type { Command } from "commander";
import {
	type KnownFile,
	knownFiles,
	unknownKeys,
} from "../domain/attachments/known-files.ts";
import type { FileStorage } from "../outside/outside.ts";
import type { Sql } from "../platform/sql.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { onDatabase, print } from "./command.ts";
import { count } from "./count.ts";
import { filePortsFor } from "./files-at.ts";

/** For one question to the storage. */
const withinMs = 60_000;

/** A file without a row may be one whose restore or copy is under way. */
const orphanAgeMs = 24 * 60 * 60 * 1000;

/** Keys that are looked up in one statement. */
const atATime = 1_000;

export function addAttachments(program: Command): void {
	program
		.command("attachments")
		.description("the files of attachments, in a folder or in S3")
		.command("check")
		.description(
			"compare files and rows: names every file that is missing or damaged, and counts those that no row knows",
		)
		.option(
			"--read",
			"read every file and compare its digest, not only its length",
		)
		.option(
			"--sweep",
			"delete the files that no row knows and that are older than a day; not while an older database may be wanted again",
		)
		.action((options: { read?: boolean; sweep?: boolean }) =>
			onDatabase(async ({ sql, config, clock }) => {
				const { storage } = await filePortsFor(config);
				const found = await checkFiles({
					db: sql,
					storage,
					isReading: options.read === true,
					sweepBefore:
						options.sweep === true
							? new Date(clock().getTime() - orphanAgeMs)
							: undefined,
					onBad: ({ id }, why) => print(`${id}  ${why}`),
				});
				print(`Whole: ${count(found.whole, "file")}.`);
				print(
					`Known to no row: ${count(found.orphans, "file")}, of which ${found.swept.toLocaleString("en-GB")} were deleted now.`,
				);
				if (found.bad > 0)
					throw new StartFailure(
						`Missing or damaged: ${count(found.bad, "file")}, named above. Take them from a backup: postern restore puts them back, or copy them into the storage.`,
					);
			}),
		);
}

export interface FileCheck {
	readonly db: Sql;
	readonly storage: FileStorage;
	/** Whether every byte is read. */
	readonly isReading: boolean;
	/** Files that no row knows are deleted when they are older. */
	readonly sweepBefore: Date | undefined;
	readonly onBad: (file: KnownFile, why: string) => void;
}

export interface CheckedFiles {
	readonly whole: number;
	readonly bad: number;
	readonly orphans: number;
	readonly swept: number;
}

/** Compares both sides; nothing is changed but by `sweepBefore`. */
export async function checkFiles(check: FileCheck): Promise<CheckedFiles> {
	let whole = 0;
	let bad = 0;
	for await (const file of knownFiles(check.db)) {
		const why = await whyBad(check, file);
		if (why === undefined) whole += 1;
		else {
			bad += 1;
			check.onBad(file, why);
		}
	}
	return { whole, bad, ...(await checkOrphans(check)) };
}

async function whyBad(
	{ storage, isReading }: FileCheck,
	{ key, byteLength, sha256 }: KnownFile,
): Promise<string | undefined> {
	const stored = await storage.open(key, AbortSignal.timeout(withinMs));
	if (stored === undefined) return "missing";
	try {
		if (stored.byteLength !== byteLength) return "damaged: another length";
		if (!isReading) return undefined;
		const hash = createHash("sha256");
		for await (const piece of stored.bytes) hash.update(piece);
		return hash.digest("hex") === sha256
			? undefined
			: "damaged: another content";
	} finally {
		stored.end();
	}
}

async function checkOrphans({
	db,
	storage,
	sweepBefore,
}: FileCheck): Promise<Pick<CheckedFiles, "orphans" | "swept">> {
	let orphans = 0;
	let swept = 0;
	let batch = new Map<string, Date>();
	const look = async () => {
		for (const key of await unknownKeys(db, [...batch.keys()])) {
			orphans += 1;
			const storedAt = batch.get(key);
			if (sweepBefore === undefined || storedAt === undefined) continue;
			if (storedAt >= sweepBefore) continue;
			await storage.remove(key, AbortSignal.timeout(withinMs));
			swept += 1;
		}
		batch = new Map();
	};
	for await (const { key, storedAt } of storage.list()) {
		batch.set(key, storedAt);
		if (batch.size >= atATime) await look();
	}
	await look();
	return { orphans, swept };
}
