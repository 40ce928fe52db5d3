/** What the doctor looks at in the seal keys: that they are there, private, enough for this month, and all that messages name. */
import { resolve } from "node:path";
import type { Config } from "../config.ts";
import { countSealed } from "../domain/tickets/read-sealed.ts";
import { keyIdFrom } from "../platform/seal/seal-blob.ts";
import { readKeyFile } from "../platform/seal/seal-key-file.ts";
import {
	isShredded,
	keyFor,
	monthOfKey,
	type SealKeys,
} from "../platform/seal/seal-keys.ts";
import { monthOf, monthsAfter } from "../platform/seal/seal-month.ts";
import type { Sql } from "../platform/sql.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { count } from "./count.ts";
import type { Checks } from "./doctor-checks.ts";
import { sealKeysPath } from "./seal-keys-at.ts";

/** Time enough to make next month's key and to bring the file to every host. */
const aheadMs = 7 * 24 * 60 * 60 * 1000;

export function sealsCheck({
	db,
	config,
	now,
}: {
	readonly db: Sql;
	readonly config: Config;
	readonly now: Date;
}): Checks {
	return {
		async seals() {
			const path = sealKeysPath(config);
			const named = await readNamed(db);
			const file = path === undefined ? undefined : await readKeyFile(path);
			const isEmbedded = config.database.url === undefined;
			if (path === undefined || file === undefined)
				return withoutFile({ path, isEmbedded, named });
			requireNamed(path, file.keys, named);
			if (!isEmbedded) requireCurrent(path, file.keys, now);
			return `${count(file.keys.keys.length, "key")} in ${resolve(path)}`;
		},
	};
}

/** Key id → messages that are sealed with it. */
type Named = ReadonlyMap<string, number>;

async function readNamed(db: Sql): Promise<Named> {
	const sealed = await countSealed(db);
	return new Map(
		sealed.map(({ key, messages }) => [
			keyIdFrom(Buffer.from(key)) ?? "unknown",
			messages,
		]),
	);
}

function withoutFile({
	path,
	isEmbedded,
	named,
}: {
	readonly path: string | undefined;
	readonly isEmbedded: boolean;
	readonly named: Named;
}): string {
	if (named.size > 0)
		throw new StartFailure(
			path === undefined
				? `${describe(named)}, and no file for the seal keys is configured. Set POSTERN_SEAL_KEYS_FILE.`
				: `${describe(named)}, and there is no file at ${path}. Put the copy of it back.`,
		);
	if (path === undefined)
		return "no file is configured: encrypted messages are refused";
	if (isEmbedded) return "none yet: made with the first encrypted message";
	throw new StartFailure(
		`there are no seal keys at ${path}. Run: postern seal rotate`,
	);
}

function requireNamed(path: string, keys: SealKeys, named: Named): void {
	const there = new Set(keys.keys.map(({ id }) => id));
	const lost = [...named].filter(
		([id]) =>
			!there.has(id) && (id === "unknown" || !isShredded(keys, monthOfKey(id))),
	);
	if (lost.length === 0) return;
	throw new StartFailure(
		`${describe(new Map(lost))}, which ${path} does not hold. Put back the copy of the file that has them.`,
	);
}

function requireCurrent(path: string, keys: SealKeys, now: Date): void {
	const month = monthOf(now);
	const next = monthsAfter(month, 1);
	if (keyFor(keys, month) === undefined)
		throw new StartFailure(
			`there is no key for ${month} in ${path}: encrypted messages are refused. Run: postern seal rotate --ahead 12`,
		);
	const isSoon = monthOf(new Date(now.getTime() + aheadMs)) === next;
	if (isSoon && keyFor(keys, next) === undefined)
		throw new StartFailure(
			`there is no key for ${next} in ${path}, and that is soon. Run: postern seal rotate --ahead 12, and give every host the file`,
		);
}

function describe(named: Named): string {
	const messages = [...named.values()].reduce((sum, one) => sum + one, 0);
	return `${count(messages, "message is", "messages are")} sealed with ${[...named.keys()].join(", ")}`;
}
