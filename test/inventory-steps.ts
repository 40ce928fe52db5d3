/** What may happen to a small provider, done to the database and to the model: for tests that play it at random. */
import fc from "fast-check";
import { saveClient } from "../server/domain/accounts/save-client.ts";
import { addEntryByHand } from "../server/domain/allowlist/add-entry-by-hand.ts";
import { resumeEntry } from "../server/domain/allowlist/resume-entry.ts";
import { revokeEntry } from "../server/domain/allowlist/revoke-entry.ts";
import { suspendEntry } from "../server/domain/allowlist/suspend-entry.ts";
import { endService } from "../server/domain/inventory/end-service.ts";
import { saveInventory } from "../server/domain/inventory/save-inventory.ts";
import { saveService } from "../server/domain/inventory/save-service.ts";
import type { ServiceStatus } from "../server/domain/inventory/service.ts";
import { approveRequest } from "../server/domain/port25/approve-request.ts";
import { rejectRequest } from "../server/domain/port25/reject-request.ts";
import { reopenRequest } from "../server/domain/port25/reopen-request.ts";
import { requestPort25 } from "../server/domain/port25/request-port25.ts";
import { withdrawRequest } from "../server/domain/port25/withdraw-request.ts";
import { type StaffActor, system } from "../server/kernel/actor.ts";
import { Refusal } from "../server/kernel/errors.ts";
import type { Performer } from "../server/platform/perform.ts";
import { type Sql, sql } from "../server/platform/sql.ts";
import { testSettings } from "./db.ts";
import { type Change, Model } from "./inventory-model.ts";
import type { createWorld, TestClient, TestVps } from "./world.ts";

const billing = system("billing");
/** Nothing but states stands in the way: no limits, no cool-off. */
export const settings = {
	...testSettings,
	port25: { ...testSettings.port25, perHour: 100_000, coolOffDays: 0 },
};

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

const addressSteps = [
	"approve",
	"reject",
	"withdraw",
	"reopen",
	"suspend",
	"resume",
	"revoke",
	"add",
] as const;

/** Everything that the billing system, customers and reviewers do. */
export const step = fc.oneof(
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
		weight: 12,
		arbitrary: fc.record({
			is: fc.constantFrom(...addressSteps),
			address: fc.nat(5),
		}),
	},
);

export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

export interface Stage {
	readonly clients: readonly TestClient[];
	readonly servers: readonly (TestVps & { readonly client: TestClient })[];
	/** The six that the servers have or not. */
	readonly addresses: readonly string[];
	readonly reviewer: StaffActor;
}

/** A client who is approved at once and one who goes to review, with two servers each. */
export async function setStage(
	world: ReturnType<typeof createWorld>,
): Promise<Stage> {
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
export async function isDone(work: Promise<unknown>): Promise<boolean> {
	try {
		await work;
		return true;
	} catch (error) {
		if (error instanceof Refusal) return false;
		throw error;
	}
}

async function liveIdOf(
	db: Sql,
	table: "requests" | "entries",
	address: string,
) {
	const row = await db.first<{ id: string }>(
		table === "requests"
			? sql`select id from port25_requests where address = ${address}::inet and state = 'pending'`
			: sql`select id from allowlist_entries where address = ${address}::inet and state <> 'revoked'`,
	);
	return row?.id ?? "none";
}

/** The request that granted what is live on the address. */
async function grantingIdOf(db: Sql, address: string) {
	const row = await db.first<{ requestId: string | null }>(sql`
		select request_id from allowlist_entries where address = ${address}::inet and state <> 'revoked'`);
	return row?.requestId ?? "none";
}

/** Where it is played. */
export interface Place {
	readonly sql: Sql;
	readonly performer: Performer;
}

/** Does the step to the database. */
export async function act(
	stage: Stage,
	{ sql: db, performer: { perform } }: Place,
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
			const holder = await holderOf(db, stage, address);
			return perform(holder.client.actor, requestPort25, {
				vps: { id: holder.id },
				address,
				reason: null,
				requirement: "recorded",
			});
		}
		case "withdraw": {
			const holder = await holderOf(db, stage, address);
			const id = await liveIdOf(db, "requests", address);
			return perform(holder.client.actor, withdrawRequest, { id });
		}
		case "approve": {
			const id = await liveIdOf(db, "requests", address);
			return perform(reviewer, approveRequest, { id, note: null });
		}
		case "reject": {
			const id = await liveIdOf(db, "requests", address);
			return perform(reviewer, rejectRequest, { id, reason: "No." });
		}
		case "reopen": {
			const id = await grantingIdOf(db, address);
			return perform(reviewer, reopenRequest, { id, reason: "Too early." });
		}
		case "revoke": {
			const id = await liveIdOf(db, "entries", address);
			return perform(reviewer, revokeEntry, { id, reason: "Abuse." });
		}
		case "add":
			return perform(reviewer, addEntryByHand, { address, note: "Ours." });
		case "suspend": {
			const id = await liveIdOf(db, "entries", address);
			return perform(reviewer, suspendEntry, { id, reason: "Abuse." });
		}
		case "resume": {
			const id = await liveIdOf(db, "entries", address);
			return perform(reviewer, resumeEntry, { id });
		}
	}
}

async function holderOf(db: Sql, { servers }: Stage, address: string) {
	const row = await db.first<{ serviceId: string }>(
		sql`select service_id from leases where address = ${address}::inet and ended_at is null`,
	);
	return servers.find(({ id }) => id === row?.serviceId) ?? servers[0]!;
}

/** Does the step to the model; says whether it must be done. */
export function foretell(stage: Stage, model: Model, step: Step): boolean {
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
	switch (step.is) {
		case "submit":
			return model.submit(address);
		case "withdraw":
		case "reject":
			return model.pending.delete(address);
		case "approve":
			return model.approve(address);
		case "reopen":
			return model.reopen(address);
		case "add":
			return model.add(address);
		case "suspend":
			return model.suspend(address);
		case "resume":
			return model.resume(address);
		case "revoke":
			return model.open.delete(address);
	}
}

/** Everything the model knows, as the database has it. */
export async function standOf(db: Sql, { servers, addresses }: Stage) {
	const ids = servers.map(({ id }) => id);
	const [services, pending, open] = await Promise.all([
		db.rows(sql`
			select status, ended_at is not null as ended, host(primary_ip) as primary_ip,
				array(select host(address) from leases l where l.service_id = s.id and ended_at is null order by 1) as addresses
			from services s where id = any(${ids}::text[]) order by array_position(${ids}::text[], id)`),
		db.rows<{ address: string }>(sql`
			select host(address) as address from port25_requests
			where state = 'pending' and address = any(${addresses}::inet[])`),
		db.rows<{ address: string; state: string }>(sql`
			select host(address) as address, state from allowlist_entries
			where state <> 'revoked' and address = any(${addresses}::inet[])`),
	]);
	return {
		services,
		pending: pending.map(({ address }) => address).toSorted(),
		open: Object.fromEntries(open.map((one) => [one.address, one.state])),
	};
}

export function standFrom(model: Model) {
	return {
		services: model.services.map(({ status, ended, primaryIp, addresses }) => ({
			status,
			ended,
			primaryIp,
			addresses: addresses.toSorted(),
		})),
		pending: [...model.pending].toSorted(),
		open: Object.fromEntries(
			Array.from(model.open, ([address, { state }]) => [address, state]),
		),
	};
}

/** The provider of the stage before anything happened to it. */
export function modelOf({ clients, servers }: Stage): Model {
	return new Model(
		servers.map(({ client, ip, ip6 }) => ({
			client: clients.indexOf(client),
			addresses: [ip, ip6],
		})),
	);
}
