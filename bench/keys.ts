/** The keys of a run, in the file where the load finds them. */
import { readFileSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { mintKey } from "../server/domain/accounts/api-key.ts";

/** Makes a member of staff with a key for the desk, and writes it where the load finds it. Returns the path. */
export async function seedStaffKey(
	admin: pg.Client,
	folder: string,
): Promise<string> {
	const { key, hash, lastFour } = mintKey("live");
	const zeros = "0".repeat(26);
	// Clients' keys are numbered from zero.
	const keyId = `key_7${"z".repeat(25)}`;
	await admin.query(
		`insert into staff (id, name, role, created_at) values ('staff_${zeros}', 'Bench', 'admin', now())`,
	);
	await admin.query(
		`insert into api_keys (id, staff_id, name, hash, last_four, is_test, scopes, created_at)
		values ('${keyId}', 'staff_${zeros}', 'bench', $1, $2, false, array['desk:review', 'desk:inventory', 'desk:tickets'], now())`,
		[hash, lastFour],
	);
	const path = join(folder, "keys");
	await writeFile(path, `staff ${key}\n`, { mode: 0o600 });
	return path;
}

/** Adds those of clients, by their number. */
export async function addKeys(
	path: string,
	keys: ReadonlyMap<number, string>,
): Promise<void> {
	const lines = [...keys].map(([client, key]) => `${client} ${key}\n`);
	await appendFile(path, lines.join(""), { mode: 0o600 });
}

/** All of them: by the client's number, or `staff`. */
export function readKeys(path: string): ReadonlyMap<string, string> {
	const lines = readFileSync(path, "utf8").trimEnd().split("\n");
	return new Map(
		lines.map((line) => {
			const [who = "", key = ""] = line.split(" ");
			return [who, key] as const;
		}),
	);
}
