import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { system } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import type { Performer, Question, RecallableVerb } from "../perform.ts";
import { sql } from "../sql.ts";
import { readKeyFile } from "./seal-key-file.ts";
import { createSealRing } from "./seal-ring.ts";

const db = useDatabase();
const actor = system("test");
const place = ["message", "client_1", "tkt_1", "tmsg_1"] as const;

let folder: string;
let runs = 0;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "postern-with-keys-"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
	runs = 0;
	await db.ownerSql.run(
		sql`truncate events, audit, staff, idempotency_keys cascade`,
	);
});

/** A performer of a process whose keys are in this file. */
function processWith(name: string, makesKeys = true): Performer {
	const ring = createSealRing({
		path: join(folder, name),
		makesKeys,
		onMade: () => {},
		onTrouble: () => {},
		onBroken: () => {},
	});
	return db.performerWith({ seals: ring });
}

/** Leaves a row and an event, then seals or opens. */
const leave: RecallableVerb<
	{ readonly seal: string } | { readonly open: Uint8Array },
	{ readonly id: string; readonly made: Uint8Array | string | null }
> = {
	name: "leave",
	async run(tx, input) {
		runs += 1;
		const id = newId("staff", tx.now);
		await tx.run(
			sql`insert into staff (id, name, role, created_at) values (${id}, 'Ada', 'agent', ${tx.now})`,
		);
		tx.emit({
			kind: "staff.added",
			subject: id,
			clientId: null,
			data: { role: "agent" },
		});
		return {
			id,
			made:
				"seal" in input
					? tx.seals.seal(input.seal, place)
					: tx.seals.open(input.open, place),
		};
	},
	recall: async (_tx, id) => ({ id, made: null }),
};

const look: Question<Uint8Array, string | null> = {
	name: "look",
	async answer(view, sealed) {
		runs += 1;
		return view.seals.open(sealed, place);
	},
};

async function counts() {
	return db.ownerSql.first(sql`
		select (select count(*) from staff) as staff, (select count(*) from events) as events,
		       (select count(*) from audit) as audit, (select count(*) from idempotency_keys) as keys`);
}

async function sealIn(performer: Performer, text: string): Promise<Uint8Array> {
	const { made } = await performer.perform(actor, leave, { seal: text });
	if (!(made instanceof Uint8Array)) throw new Error("nothing was sealed");
	return made;
}

describe("a transaction that lacks a key", () => {
	test("is run again when there is one, and has its effect once", async () => {
		const sealed = await sealIn(processWith("a"), "words");
		expect(runs).toBe(2);
		expect(await counts()).toEqual({ staff: 1, events: 1, audit: 1, keys: 0 });
		const keys = await readKeyFile(join(folder, "a"));
		expect(keys?.keys.keys).toHaveLength(1);

		const other = processWith("a");
		const read = await other.perform(actor, leave, { open: sealed });
		expect(read.made).toBe("words");
		expect(runs).toBe(4);
		expect(await counts()).toEqual({ staff: 2, events: 2, audit: 2, keys: 0 });
	});

	test("leaves nothing when there is none, not even under its Idempotency-Key", async () => {
		const performer = processWith("b", false);
		const refused = performer.performOnce(actor, leave, {
			input: { seal: "words" },
			key: { scope: "test", key: "k", bodyDigest: "d" },
		});
		await expect(refused).rejects.toThrow("sealing.unavailable");
		expect(await counts()).toEqual({ staff: 0, events: 0, audit: 0, keys: 0 });
	});

	test("gives null for what cannot be opened, and is done all the same", async () => {
		const sealed = await sealIn(processWith("c"), "words");
		const stranger = processWith("d");
		for (const tries of [2, 1]) {
			runs = 0;
			const read = await stranger.perform(actor, leave, { open: sealed });
			expect(read.made).toBeNull();
			expect(runs).toBe(tries);
		}
		expect(await counts()).toMatchObject({ staff: 3, events: 3 });
	});
});

test("a question that lacks a key is answered again when it has been read", async () => {
	const sealed = await sealIn(processWith("e"), "words");
	runs = 0;
	expect(await processWith("e").ask(actor, look, sealed)).toBe("words");
	expect(runs).toBe(2);
	expect(await processWith("f").ask(actor, look, sealed)).toBeNull();
});

test("a performer without keys seals nothing and opens nothing", async () => {
	const sealed = await sealIn(processWith("g"), "words");
	runs = 0;
	await expect(
		db.performer.perform(actor, leave, { seal: "words" }),
	).rejects.toThrow("sealing.unavailable");
	expect(await db.performer.ask(actor, look, sealed)).toBeNull();
	expect(runs).toBe(2);
});
