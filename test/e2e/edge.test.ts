/** Agents at the edge and whole processes: two that serve them on one database, one of which is killed in mid-stream. */
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { addAgent } from "../../server/domain/edge/add-agent.ts";
import { changeAgent } from "../../server/domain/edge/change-agent.ts";
import { system } from "../../server/kernel/actor.ts";
import { type Follower, startFollower } from "../edge-follower.ts";
import {
	addCustomer,
	addTestSite,
	type Customer,
	submit,
} from "./customers.ts";
import { startExternalPostgres } from "./external-postgres.ts";
import { type Database, openDatabase } from "./open-database.ts";
import {
	type Environment,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();
const operator = system("test");
const broken: Error[] = [];
const followers: (Follower & { readonly id: string })[] = [];

let database: Database;
let env: Environment;
let servers: Server[] = [];
let customer: Customer;
let asked = 0;

beforeAll(async () => {
	const postgres = await startExternalPostgres(processes);
	const external = await postgres.newDatabase();
	env = {
		DATABASE_URL: external.url,
		POSTERN_DATA_DIR: join(processes.folder, "none"),
		POSTERN_RATE_KEY_PER_MINUTE: "100000",
		POSTERN_PORT25_PER_HOUR: "100000",
		POSTERN_LOG_LEVEL: "warn",
	};
	servers = await Promise.all([processes.serve(env), processes.serve(env)]);
	const { admin } = external;
	database = await openDatabase({ owner: admin, app: admin });
	processes.atEnd(() => database.close());
	await addTestSite(database);
	customer = await addCustomer(database, {
		...{ number: 1, standing: "trusted", vps: 200, keys: 1 },
	});
	for (const [i, server] of servers.entries()) {
		const { id, key } = await database.performer.perform(operator, addAgent, {
			siteId: "default",
			name: `hv-${i}`,
		});
		const follower = startFollower({
			url: server.url,
			key: key ?? "",
			host: `hv-${i}`,
			onBroken: (error) => void broken.push(error),
		});
		followers.push(Object.assign(follower, { id }));
		processes.atEnd(() => follower.stop());
	}
}, 120_000);

/** Asks for port 25 on so many more servers, at this process. */
async function approve(times: number, at: Server): Promise<void> {
	for (let i = 0; i < times; i += 1) {
		const vpsId = customer.vps[asked] ?? "";
		asked += 1;
		const answer = await submit(at.url, customer.keys[0] ?? "", vpsId);
		expect(answer.status).toBe(201);
	}
}

async function position() {
	const { rows } = await database.owner.query<{
		epoch: string;
		revision: string;
	}>("select epoch, revision from sites where id = 'default'");
	return { epoch: rows[0]?.epoch ?? "", rev: Number(rows[0]?.revision) };
}

async function allFollow(
	those: readonly Follower[] = followers,
): Promise<void> {
	const { epoch, rev } = await position();
	await Promise.all(those.map((one) => one.reaches(epoch, rev)));
	expect(broken).toEqual([]);
	for (const one of those) expect(one.set.size).toBe(asked);
}

async function enforcements(): Promise<Record<string, number>> {
	const { rows } = await database.owner.query<{ what: string; count: number }>(
		`select case when opened_at is null then 'pending' else 'open' end as what, count(*)::int as count
		 from allowlist_entries group by 1`,
	);
	return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
}

test("what is approved at one process is open once the agents at both have made it true", async () => {
	const [first] = servers;
	await approve(20, first!);
	await allFollow();
	await vi.waitUntil(async () => (await enforcements())["open"] === 20, {
		timeout: 10_000,
		interval: 20,
	});
});

test("an agent whose process is killed goes on where it was, at the next one, and has missed nothing", async () => {
	const [first, second] = servers;
	const [other, cut] = followers;
	const { snapshots } = cut!.counts;
	const approving = approve(30, first!);
	await cut!.reaches((await position()).epoch, asked - 1);
	await second!.kill();
	await approving;
	await approve(10, first!);
	await allFollow([other!]);
	expect(
		(await enforcements())["pending"],
		"the one that is cut off",
	).toBeGreaterThan(0);
	const third = await processes.serve(env);
	cut!.moveTo(third.url);
	await allFollow();
	expect(cut!.counts.snapshots, "no snapshot was needed").toBe(snapshots);
	await vi.waitUntil(async () => (await enforcements())["open"] === asked, {
		timeout: 10_000,
		interval: 20,
	});
});

test("a disabled agent hears nothing any more", async () => {
	const [first, cut] = followers;
	await database.performer.perform(operator, changeAgent, {
		id: cut!.id,
		action: "disable",
	});
	// Its program finds its key refused, and says so once.
	await vi.waitUntil(() => broken.length > 0, {
		timeout: 10_000,
		interval: 10,
	});
	expect(broken.splice(0).map(({ message }) => message)).toEqual([
		"status 401",
	]);
	const held = cut!.set.size;
	await approve(3, servers[0]!);
	await allFollow([first!]);
	expect(cut!.set.size).toBe(held);
});
