import { mkdtemp, rm, stat } from "node:fs/promises";
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
import { useDatabase } from "../../test/db.ts";
import { addStaff } from "../domain/accounts/add-staff.ts";
import { parseKey } from "../domain/accounts/api-key.ts";
import { findKeyActor } from "../domain/accounts/find-key-actor.ts";
import { saveClient } from "../domain/accounts/save-client.ts";
import { saveSite } from "../domain/allowlist/save-site.ts";
import { adoptPolicy } from "../domain/port25/adopt-policy.ts";
import { defaultPolicy } from "../domain/port25/policy/policy.ts";
import { requestPort25 } from "../domain/port25/request-port25.ts";
import { system } from "../kernel/actor.ts";
import { createPool } from "../platform/db.ts";
import type { Performer } from "../platform/perform.ts";
import { sql } from "../platform/sql.ts";
import { removeDemoFile } from "./demo-file.ts";
import { demoContent } from "./load-demo.ts";
import { prepareDemo } from "./prepare-demo.ts";
import { removeDemo } from "./remove-demo.ts";

const db = useDatabase();
const cli = system("cli");
let folder = "";
let path = "";
let owner: Performer;
let close: () => Promise<void>;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "postern-demo-"));
	path = join(folder, "demo.json");
	const pool = createPool(db.ownerTarget, { max: 1, onError: () => {} });
	owner = db.performerWith({ pool });
	await db.performer.perform(cli, adoptPolicy, defaultPolicy);
	close = () => pool.end();
});

afterAll(async () => {
	await close();
	await rm(folder, { recursive: true, force: true });
});

beforeEach(() => load());

function load() {
	return prepareDemo(db.performer, { path, baseUrl: "http://127.0.0.1:3000" });
}

function remove(performer = owner) {
	return performer.perform(cli, removeDemo, {});
}

async function rows(table: string): Promise<number> {
	const { rows: found } = await db.pool.query<{ count: number }>(
		`select count(*) as count from ${table}`,
	);
	return found[0]?.count ?? -1;
}

describe("removing the demo", () => {
	test("leaves an empty database that says only that the demo was removed", async () => {
		const { clients } = await load();
		const hash = parseKey(clients.trusted.key)?.hash ?? "";
		const key = await db.performer.ask(cli, findKeyActor, { hash });
		const request = await db.performer.perform(
			key?.actor ?? cli,
			requestPort25,
			{
				vps: { legacyId: 10_701 },
				reason: "Mail.",
				requirement: "enforced",
			},
		);
		expect(request.state).toBe("approved");

		expect(await remove()).toEqual({ clients: 5 });

		for (const table of [
			"clients",
			"identity_proofs",
			"api_keys",
			"staff",
			"services",
			"leases",
			"sites",
			"site_prefixes",
			"port25_requests",
			"allowlist_entries",
			"allowlist_deltas",
			"jobs",
		])
			expect([table, await rows(table)]).toEqual([table, 0]);
		const { rows: events } = await db.pool.query("select kind from events");
		expect(events).toEqual([{ kind: "demo.removed" }]);
		expect(await rows("audit")).toBe(1);
		expect(await db.performer.ask(cli, demoContent, {})).toBe("empty");
	});

	test("can be followed by loading it again, with new keys", async () => {
		const before = await load();
		await remove();
		const after = await load();
		expect(after.staffKey).not.toBe(before.staffKey);
		expect(after.clients.trusted.vps[0]).toEqual(before.clients.trusted.vps[0]);
	});

	test("is refused while there are clients outside the demo, and nothing is gone", async () => {
		await db.performer.perform(cli, saveClient, {
			legacyId: 7,
			status: "active",
		});
		const before = [await rows("clients"), await rows("events")];
		await expect(remove()).rejects.toThrow(
			"also holds 1 client outside the demo",
		);
		expect([await rows("clients"), await rows("events")]).toEqual(before);
		await db.ownerSql.run(sql`delete from clients where legacy_id = 7`);
	});

	test("leaves the provider's own staff and sites, whose revisions start over", async () => {
		const staff = await db.performer.perform(cli, addStaff, {
			name: "Sam",
			email: "sam@example.com",
			role: "reviewer",
		});
		await db.performer.perform(cli, saveSite, {
			id: "own",
			prefixes: ["198.18.0.0/15"],
		});
		const epochOf = async () =>
			(await db.pool.query("select epoch from sites where id = 'own'")).rows[0];
		const epoch = await epochOf();
		await remove();
		const { rows: left } = await db.pool.query("select id from staff");
		expect(left).toEqual([{ id: staff.id }]);
		expect(await rows("sites")).toBe(1);
		expect(await epochOf()).not.toEqual(epoch);
	});

	test("is refused where there is no demo", async () => {
		await remove();
		await expect(remove()).rejects.toThrow("The database holds no demo.");
	});

	test("is beyond the application's own rights", async () => {
		await expect(remove(db.performer)).rejects.toThrow("permission denied");
		expect(await db.performer.ask(cli, demoContent, {})).toBe("demo");
	});
});

test("the demo is not loaded beside clients that are there already", async () => {
	await remove();
	await db.performer.perform(cli, saveClient, {
		legacyId: 8,
		status: "active",
	});
	expect(await db.performer.ask(cli, demoContent, {})).toBe("other");
	await expect(load()).rejects.toThrow(
		"The database holds clients that are no demo.",
	);
	await db.ownerSql.run(sql`delete from clients`);
});

test("removing the file a second time does nothing", async () => {
	await removeDemoFile(path);
	await removeDemoFile(path);
	await expect(stat(path)).rejects.toThrow("ENOENT");
});
