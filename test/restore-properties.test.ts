/** Backups and restores in the midst of everything else: the real file, a new database each time, and the model beside it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { settleRestored } from "../server/cli/restore.ts";
import { confirm, foresee } from "../server/cli/restored-entries.ts";
import { reactions } from "../server/jobs.ts";
import { system } from "../server/kernel/actor.ts";
import { openBackup } from "../server/platform/backup/backup-file.ts";
import { loadBackup } from "../server/platform/backup/load-backup.ts";
import { writeBackup } from "../server/platform/backup/write-backup.ts";
import { connect, createPool, sqlOn } from "../server/platform/db.ts";
import { readMigrations } from "../server/platform/migrate.ts";
import { createPerformer } from "../server/platform/perform.ts";
import { type Sql, sql } from "../server/platform/sql.ts";
import { useBlankDatabases } from "./blank-database.ts";
import { testNow, useDatabase } from "./db.ts";
import { expectGaplessAudit, expectInvariants } from "./deltas.ts";
import type { Model } from "./inventory-model.ts";
import {
	act,
	foretell,
	isDone,
	modelOf,
	type Place,
	type Stage,
	setStage,
	settings,
	standFrom,
	standOf,
	step,
} from "./inventory-steps.ts";
import { seed } from "./seed.ts";
import { createWorld } from "./world.ts";

const operator = system("test");
const db = useDatabase();
const openBlank = useBlankDatabases();
const folder = mkdtempSync(join(tmpdir(), "postern-restores-"));

interface Database extends Place {
	readonly owner: pg.ClientBase;
	close(): Promise<void>;
}

/** The database that is in place. */
let here: Database;
const world = createWorld(() => here.performer);

beforeAll(async () => {
	const owner = await connect(db.ownerTarget);
	here = {
		sql: db.sql,
		performer: db.performerWith({ settings }),
		owner,
		close: () => owner.end(),
	};
	await world.begin();
});
afterAll(async () => {
	await here.close();
	rmSync(folder, { recursive: true });
});

let written = 0;

async function backUp(owner: pg.ClientBase): Promise<string> {
	written += 1;
	const path = join(folder, `${written}.backup`);
	await writeBackup(owner, { path, version: "test", now: testNow });
	return path;
}

/** As `postern restore` does it, into a database of its own; the one before is left as it is. */
async function restoreFrom(path: string): Promise<Database> {
	const { client: owner, target, drop } = await openBlank();
	await loadBackup(owner, await openBackup(path), await readMigrations());
	const pool = createPool(target, { max: 4, onError: () => {} });
	const performer = createPerformer({
		...{ pool, settings, reactions },
		...{ clock: () => testNow, onJobs: () => {} },
	});
	const restored = {
		...{ sql: sqlOn(pool), performer, owner },
		async close() {
			await pool.end();
			await drop();
		},
	};
	await settleRestored(restored, testNow);
	return restored;
}

async function epochOf(place: Sql): Promise<string | undefined> {
	const site = await place.first(
		sql<{ epoch: string }>`select epoch from sites where id = 'default'`,
	);
	return site?.epoch;
}

async function expectAllClosed(place: Sql): Promise<void> {
	const open = await place.rows(
		sql`select id from allowlist_entries where state = 'active'`,
	);
	expect(open).toEqual([]);
}

const anything = fc.oneof(
	{ weight: 30, arbitrary: step },
	{ weight: 3, arbitrary: fc.record({ is: fc.constant("backup") }) },
	{ weight: 2, arbitrary: fc.record({ is: fc.constant("restore") }) },
	{ weight: 6, arbitrary: fc.record({ is: fc.constant("confirm") }) },
);

/** With which every sequence begins, so that none is without a restore that closed something. */
const prelude = [
	{ is: "submit", address: 0 },
	{ is: "backup" },
	{ is: "restore" },
	{ is: "confirm" },
] as const satisfies readonly Anything[];

type Anything = typeof anything extends fc.Arbitrary<infer S> ? S : never;

/** A sequence as it is played: the model, and the last backup with the model of its moment. */
class Play {
	readonly #stage: Stage;
	#model: Model;
	#backup: { readonly path: string; readonly model: Model } | undefined;
	readonly #epochs = new Set<string | undefined>();
	restores = 0;
	confirmed = 0;

	constructor(stage: Stage) {
		this.#stage = stage;
		this.#model = modelOf(stage);
	}

	async play(one: Anything): Promise<void> {
		switch (one.is) {
			case "backup":
				this.#backup = {
					path: await backUp(here.owner),
					model: this.#model.copy(),
				};
				break;
			case "restore":
				await this.#restore();
				break;
			case "confirm":
				await this.#confirm();
				break;
			default: {
				const isForetold = foretell(this.#stage, this.#model, one);
				const happened = await isDone(act(this.#stage, here, one));
				expect(happened, JSON.stringify(one)).toBe(isForetold);
			}
		}
		expect(await standOf(here.sql, this.#stage), JSON.stringify(one)).toEqual(
			standFrom(this.#model),
		);
	}

	async #restore(): Promise<void> {
		if (this.#backup === undefined) return;
		this.#epochs.add(await epochOf(here.sql));
		const restored = await restoreFrom(this.#backup.path);
		await here.close();
		here = restored;
		this.#model = this.#backup.model.copy();
		this.#model.closeAll();
		this.restores += 1;
		await expectAllClosed(here.sql);
		expect(this.#epochs, "an epoch is new").not.toContain(
			await epochOf(here.sql),
		);
		await expectInvariants(here.sql);
	}

	/** Of this stage; others have entries of their own, which wait too. */
	async #confirm(): Promise<void> {
		const foreseen = await foresee(here.performer, operator);
		expect(await confirm(here.performer, operator)).toEqual(foreseen);
		this.confirmed += this.#model.confirm();
	}
}

describe("a provider that is backed up and restored in the midst of everything", () => {
	test("is what the model says after every step, and no invariant breaks", async () => {
		let restores = 0;
		let confirmed = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(anything, { minLength: 30, maxLength: 50, size: "max" }),
				async (steps) => {
					const play = new Play(await setStage(world));
					for (const one of [...prelude, ...steps]) await play.play(one);
					await expectInvariants(here.sql);
					await expectGaplessAudit(here.sql);
					restores += play.restores;
					confirmed += play.confirmed;
				},
			),
			{ seed, numRuns: 6, endOnFailure: true },
		);
		expect(restores, "restores").toBeGreaterThanOrEqual(6);
		expect(confirmed, "entries that were confirmed").toBeGreaterThanOrEqual(6);
	}, 120_000);

	test("may be backed up while everything happens at once: what comes back is one moment of it", async () => {
		const stages = await Promise.all([setStage(world), setStage(world)]);
		const before = here;
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 60, maxLength: 60, size: "max" }),
				async (steps) => {
					const [path, ...results] = await Promise.all([
						backUp(before.owner),
						...steps.map((one, i) => isDone(act(stages[i % 2]!, before, one))),
					]);
					expect(results).toContain(true);
					const restored = await restoreFrom(path);
					await expectAllClosed(restored.sql);
					await expectInvariants(restored.sql);
					await expectGaplessAudit(restored.sql);
					await confirm(restored.performer, operator);
					await expectInvariants(restored.sql);
					await restored.close();
				},
			),
			{ seed, numRuns: 3, endOnFailure: true },
		);
	}, 120_000);
});
