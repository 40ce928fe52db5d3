/** Whatever the billing system says while customers ask and reviewers decide: the database agrees with the model. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { saveClient } from "../server/domain/accounts/save-client.ts";
import { resumeEntry } from "../server/domain/allowlist/resume-entry.ts";
import { suspendEntry } from "../server/domain/allowlist/suspend-entry.ts";
import { endService } from "../server/domain/inventory/end-service.ts";
import { saveInventory } from "../server/domain/inventory/save-inventory.ts";
import { saveService } from "../server/domain/inventory/save-service.ts";
import type { ServiceStatus } from "../server/domain/inventory/service.ts";
import { approveRequest } from "../server/domain/port25/approve-request.ts";
import { requestPort25 } from "../server/domain/port25/request-port25.ts";
import { withdrawRequest } from "../server/domain/port25/withdraw-request.ts";
import { type StaffActor, system } from "../server/kernel/actor.ts";
import { Refusal } from "../server/kernel/errors.ts";
import type { Performer } from "../server/platform/perform.ts";
import { sql } from "../server/platform/sql.ts";
import { testSettings, useDatabase } from "./db.ts";
import { expectInvariants } from "./deltas.ts";
import { type Change, Model } from "./inventory-model.ts";
import { seed } from "./seed.ts";
import { createWorld, type TestClient, type TestVps } from "./world.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const billing = system("billing");
/** Nothing but states stands in the way: no limits, no cool-off. */
const settings = {
	port25: { ...testSettings.port25, perHour: 100_000, coolOffDays: 0 },
};

beforeAll(() => world.begin());

const statuses: readonly ServiceStatus[] = [
	"active",
	"active",
	"active",
	"suspended",
	"terminated",
	"pending",
	"unknown",
	"fraud",
];

/** Numbers stand for services and addresses of the stage that is set. */
const change = fc.record(
	{
		service: fc.nat(3),
		status: fc.constantFrom(...statuses),
		addresses: fc.uniqueArray(fc.nat(5), { maxLength: 4 }),
	},
	{ requiredKeys: ["service"] },
);

const step = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ is: fc.constant("put"), change }) },
	{
		weight: 2,
		arbitrary: fc.record({
			is: fc.constant("import"),
			changes: fc.array(change, { maxLength: 5 }),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({ is: fc.constant("end"), service: fc.nat(3) }),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			is: fc.constant("account"),
			client: fc.nat(1),
			isActive: fc.boolean(),
		}),
	},
	{
		weight: 10,
		arbitrary: fc.record({ is: fc.constant("submit"), address: fc.nat(5) }),
	},
	{
		weight: 8,
		arbitrary: fc.record({
			is: fc.constantFrom("approve", "withdraw", "suspend", "resume"),
			address: fc.nat(5),
		}),
	},
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Stage {
	readonly clients: readonly TestClient[];
	readonly servers: readonly (TestVps & { readonly client: TestClient })[];
	/** The six that the servers have or not. */
	readonly addresses: readonly string[];
	readonly reviewer: StaffActor;
}

/** A client who is approved at once and one who goes to review, with two servers each. */
async function setStage(): Promise<Stage> {
	const clients = [
		await world.addClient("trusted"),
		await world.addClient("prepaid"),
	];
	const servers = [];
	for (const client of clients)
		for (let i = 0; i < 2; i += 1)
			servers.push({ client, ...(await client.addVps()) });
	return {
		clients,
		servers,
		addresses: servers.slice(0, 3).flatMap(({ ip, ip6 }) => [ip, ip6]),
		reviewer: await world.addReviewer(),
	};
}

function changeOf(
	stage: Stage,
	{
		service,
		status,
		addresses,
	}: typeof change extends fc.Arbitrary<infer C> ? C : never,
): Change {
	return {
		service,
		...(status && { status }),
		...(addresses && {
			addresses: addresses.map((n) => stage.addresses[n]!),
		}),
	};
}

function inputOf({ servers }: Stage, { service, ...rest }: Change) {
	return {
		kind: "vps",
		legacyId: servers[service]!.legacyId,
		...rest,
	} as const;
}

/** Whether it was done; a bug is thrown. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
	try {
		await work;
		return true;
	} catch (error) {
		if (error instanceof Refusal) return false;
		throw error;
	}
}

async function liveIdOf(table: "requests" | "entries", address: string) {
	const row = await db.sql.first<{ id: string }>(
		table === "requests"
			? sql`select id from port25_requests where address = ${address}::inet and state = 'pending'`
			: sql`select id from allowlist_entries where address = ${address}::inet and state <> 'revoked'`,
	);
	return row?.id ?? "none";
}

/** Does the step to the database. */
async function act(
	stage: Stage,
	{ perform }: Pick<Performer, "perform">,
	step: Step,
): Promise<unknown> {
	const { servers, reviewer } = stage;
	switch (step.is) {
		case "put":
			return perform(
				billing,
				saveService,
				inputOf(stage, changeOf(stage, step.change)),
			);
		case "import": {
			const changes = step.changes.map((one) =>
				inputOf(stage, changeOf(stage, one)),
			);
			return perform(billing, saveInventory, changes);
		}
		case "end": {
			const { legacyId } = servers[step.service]!;
			return perform(billing, endService, { kind: "vps", legacyId });
		}
		case "account": {
			const { legacyId } = stage.clients[step.client]!;
			const status = step.isActive ? "active" : "suspended";
			return perform(billing, saveClient, { legacyId, status });
		}
	}
	const address = stage.addresses[step.address]!;
	switch (step.is) {
		case "submit": {
			const holder = await holderOf(stage, address);
			return perform(holder.client.actor, requestPort25, {
				vps: { id: holder.id },
				address,
				reason: null,
				requirement: "recorded",
			});
		}
		case "withdraw": {
			const holder = await holderOf(stage, address);
			const id = await liveIdOf("requests", address);
			return perform(holder.client.actor, withdrawRequest, { id });
		}
		case "approve": {
			const id = await liveIdOf("requests", address);
			return perform(reviewer, approveRequest, { id, note: null });
		}
		case "suspend": {
			const id = await liveIdOf("entries", address);
			return perform(reviewer, suspendEntry, { id, reason: "Abuse." });
		}
		case "resume": {
			const id = await liveIdOf("entries", address);
			return perform(reviewer, resumeEntry, { id });
		}
	}
}

async function holderOf({ servers }: Stage, address: string) {
	const row = await db.sql.first<{ serviceId: string }>(
		sql`select service_id from leases where address = ${address}::inet and ended_at is null`,
	);
	return servers.find(({ id }) => id === row?.serviceId) ?? servers[0]!;
}

/** Does the step to the model; says whether it must be done. */
function foretell(stage: Stage, model: Model, step: Step): boolean {
	switch (step.is) {
		case "put":
			return model.put(changeOf(stage, step.change));
		case "import":
			// What is refused stays out, and the rest goes in.
			for (const one of step.changes) model.put(changeOf(stage, one));
			return true;
		case "end":
			model.end(step.service);
			return true;
		case "account":
			model.setActive(step.client, step.isActive);
			return true;
	}
	const address = stage.addresses[step.address]!;
	const holder = model.holderOf(address);
	switch (step.is) {
		case "submit":
			if (holder === -1 || !model.maySubmit(holder, address)) return false;
			if (model.services[holder]!.client === 0)
				model.open.set(address, "active");
			else model.pending.add(address);
			return true;
		case "withdraw":
			return model.pending.delete(address);
		case "approve":
			if (!model.pending.has(address) || !model.isReady(holder)) return false;
			model.pending.delete(address);
			model.open.set(address, "active");
			return true;
		case "suspend":
			if (model.open.get(address) !== "active") return false;
			model.open.set(address, "suspended");
			return true;
		case "resume":
			if (model.open.get(address) !== "suspended" || !model.isReady(holder))
				return false;
			model.open.set(address, "active");
			return true;
	}
}

/** Everything the model knows, as the database has it. */
async function standOf({ servers, addresses }: Stage) {
	const ids = servers.map(({ id }) => id);
	const [services, pending, open] = await Promise.all([
		db.sql.rows(sql`
			select status, ended_at is not null as ended, host(primary_ip) as primary_ip,
				array(select host(address) from leases l where l.service_id = s.id and ended_at is null order by 1) as addresses
			from services s where id = any(${ids}::text[]) order by array_position(${ids}::text[], id)`),
		db.sql.rows<{ address: string }>(sql`
			select host(address) as address from port25_requests
			where state = 'pending' and address = any(${addresses}::inet[])`),
		db.sql.rows<{ address: string; state: string }>(sql`
			select host(address) as address, state from allowlist_entries
			where state <> 'revoked' and address = any(${addresses}::inet[])`),
	]);
	return {
		services,
		pending: pending.map(({ address }) => address).toSorted(),
		open: Object.fromEntries(open.map((one) => [one.address, one.state])),
	};
}

function standFrom(model: Model) {
	return {
		services: model.services.map(({ status, ended, primaryIp, addresses }) => ({
			status,
			ended,
			primaryIp,
			addresses: addresses.toSorted(),
		})),
		pending: [...model.pending].toSorted(),
		open: Object.fromEntries(model.open),
	};
}

describe("a provider to which everything happens", () => {
	test("is what the model says after every step, and no invariant breaks", async () => {
		const performer = db.performerWith({ settings });
		let done = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 20, maxLength: 60, size: "max" }),
				async (steps) => {
					const stage = await setStage();
					const model = new Model(
						stage.servers.map(({ client, ip, ip6 }) => ({
							client: stage.clients.indexOf(client),
							addresses: [ip, ip6],
						})),
					);
					for (const one of steps) {
						const isForetold = foretell(stage, model, one);
						const happened = await isDone(act(stage, performer, one));
						expect(happened, JSON.stringify(one)).toBe(isForetold);
						expect(await standOf(stage), JSON.stringify(one)).toEqual(
							standFrom(model),
						);
						done += Number(happened);
					}
					await expectInvariants(db.sql);
				},
			),
			{ seed, numRuns: 12, endOnFailure: true },
		);
		expect(done, "steps that did something").toBeGreaterThan(100);
	});

	test("keeps its invariants when everything happens at once, from several processes", async () => {
		const performers = [1, 2, 3].map(() =>
			db.performerWith({ settings, pool: db.openPool(6) }),
		);
		const stages = await Promise.all([setStage(), setStage()]);
		let done = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 60, maxLength: 60, size: "max" }),
				async (steps) => {
					const results = await Promise.allSettled(
						steps.map((one, i) =>
							isDone(act(stages[i % 2]!, performers[i % 3]!, one)),
						),
					);
					for (const result of results) {
						if (result.status === "rejected") throw result.reason;
						done += Number(result.value);
					}
					await expectInvariants(db.sql);
				},
			),
			{ seed, numRuns: 20, endOnFailure: true },
		);
		expect(done, "steps that did something").toBeGreaterThan(200);
		await expectGaplessAudit();
	});
});

/** I3: an audit row for each event, numbered without a gap in its stream. */
async function expectGaplessAudit(): Promise<void> {
	const gaps = await db.sql.rows(sql`
		select stream from audit group by stream having max(seq) <> count(*) or min(seq) <> 1`);
	expect(gaps).toEqual([]);
}
