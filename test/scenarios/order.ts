/**
 * The order of checks (contract 14.40): each row breaks two neighbouring rules at once, and shows which one answers. On
 * both POSTs, since both share the order; the first generation has no requirement to meet.
 */
import { expect } from "vitest";
import { revokeApiKey } from "../../server/domain/accounts/revoke-api-key.ts";
import { addEntry } from "../../server/domain/allowlist/add-entry.ts";
import { system } from "../../server/kernel/actor.ts";
import { newId } from "../../server/kernel/id.ts";
import { sql } from "../../server/platform/sql.ts";
import { testNow, testSettings } from "../db.ts";
import {
	type Role,
	type Scenario,
	type Scene,
	type Sent,
	scenario,
} from "../scenario.ts";
import { reason } from "../stage.ts";
import type { TestVps } from "../world.ts";
import { submitV1 } from "./v1-port25.ts";
import { approve, reject, submitV2 } from "./v2-port25.ts";

/** What the request of a row differs in from a good one. */
interface Twist {
	readonly vps?: Partial<TestVps>;
	readonly address?: string;
	/** Instead of the good body. */
	readonly body?: object;
	readonly headers?: Readonly<Record<string, string>>;
}

interface Pair {
	/** `401 before 429` */
	readonly name: string;
	readonly as: Role;
	readonly given: (scene: Scene, body: Bodies) => Promise<Twist>;
	readonly status: number;
	readonly v2: string;
	/** Undefined where v1 does not check the first of the two. */
	readonly v1?: { readonly code: string | null; readonly message?: RegExp };
	/** True when the refusal is kept under the row's Idempotency-Key. */
	readonly isKept?: true;
}

/** The route of a row, and what a good request to it is. */
interface Bodies {
	readonly route: typeof submitV2 | typeof submitV1;
	good(vps: TestVps, address?: string): object;
}

const v2: Bodies = {
	route: submitV2,
	good: (vps, address) => ({
		vpsId: vps.id,
		reason,
		...(address !== undefined && { ipAddress: address }),
	}),
};

const v1: Bodies = {
	route: submitV1,
	good: (vps, address = vps.ip) => ({
		serviceId: String(vps.legacyId),
		ipAddress: address,
		justification: reason,
	}),
};

/** How many requests a minute a key has on the stage of these rows. */
export const perMinute = 8;

function rowsOf(pair: Pair): Scenario[] {
	const send =
		(bodies: Bodies) =>
		(twist: Twist, { me }: Scene): Sent => ({
			body:
				twist.body ?? bodies.good({ ...me.vps, ...twist.vps }, twist.address),
			...(twist.headers && { headers: twist.headers }),
		});
	const common = {
		name: pair.name,
		as: pair.as,
		events: [],
		...(pair.isKept && { isKept: true as const }),
	};
	const inV2 = scenario({
		...common,
		route: submitV2,
		given: (scene) => pair.given(scene, v2),
		send: send(v2),
		status: pair.status,
		...(pair.status >= 400 && { code: pair.v2 }),
		...(pair.v2 === "invalid_request" && { pointers: ["/ipAddress"] }),
	});
	if (pair.v1 === undefined) return [inV2];
	const { code, message } = pair.v1;
	const inV1 = scenario({
		...common,
		route: submitV1,
		given: (scene) => pair.given(scene, v1),
		send: send(v1),
		status: pair.status === 201 ? 200 : pair.status,
		...(pair.status >= 400 && { code }),
		...(pair.status === 400 && { body: "" }),
		...(message && { bodyHas: { message: expect.stringMatching(message) } }),
	});
	return [inV2, inV1];
}

/** Uses up the minute of the caller's key, or of the key in the headers. */
async function exhaust(scene: Scene, key = scene.me.key): Promise<void> {
	for (let i = 0; i < perMinute; i += 1)
		await scene.call("GET /api/v2/me", {}, key);
	const last = await scene.call("GET /api/v2/me", {}, key);
	expect(last.status).toBe(429);
}

const readOnly = (scene: Scene) =>
	scene.addKey({ clientId: scene.me.client.id }, ["read:account"]);

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const absent = newId("vps", new Date("2026-11-20T09:00:00.000Z"));
const nowhere: Partial<TestVps> = { id: absent, legacyId: 999_999 };

const gate: Pair[] = [
	{
		name: "401 before 429: a revoked key whose minute is used up",
		as: "trusted",
		async given(scene) {
			await exhaust(scene);
			await scene.db.performer.perform(system("test"), revokeApiKey, {
				keyId: scene.me.key.id,
			});
			scene.db.now = new Date(testNow.getTime() + 1_000);
			return {};
		},
		status: 401,
		v2: "unauthorized",
		v1: { code: "UNAUTHORIZED" },
	},
	{
		name: "401 before 415: no key, and a body of another type",
		as: "nobody",
		given: async () => ({ headers: { "content-type": "text/plain" } }),
		status: 401,
		v2: "unauthorized",
		v1: { code: "UNAUTHORIZED" },
	},
	{
		name: "429 before 403: a key without the scope whose minute is used up",
		as: "trusted",
		async given(scene) {
			const key = await readOnly(scene);
			await exhaust(scene, key);
			return { headers: bearer(key.text) };
		},
		status: 429,
		v2: "rate_limit_exceeded",
		v1: { code: null, message: /^Rate limit exceeded/ },
	},
	{
		name: "403 before 400: a key without the scope, and a body that is none",
		as: "trusted",
		given: async (scene) => ({
			headers: bearer((await readOnly(scene)).text),
			body: [],
		}),
		status: 403,
		v2: "forbidden",
		v1: { code: "FORBIDDEN" },
	},
	{
		name: "403 before 415: a key without the scope, and a body of another type",
		as: "trusted",
		given: async (scene) => ({
			headers: {
				...bearer((await readOnly(scene)).text),
				"content-type": "text/plain",
			},
		}),
		status: 403,
		v2: "forbidden",
		v1: { code: "FORBIDDEN" },
	},
];

const once = { "idempotency-key": '"once"' };

/** Sends the good request once, under the Idempotency-Key. */
async function sendOnce(scene: Scene, { route, good }: Bodies): Promise<void> {
	const first = await scene.call(route, {
		body: good(scene.me.vps),
		headers: once,
	});
	expect(first.status).toBeLessThan(300);
}

const before: Pair[] = [
	{
		name: "400 before the replay: a used Idempotency-Key, and a body that is wrong",
		as: "prepaid",
		async given(scene, bodies) {
			await sendOnce(scene, bodies);
			return {
				headers: once,
				body: { ...bodies.good(scene.me.vps), ipAddress: 1 },
			};
		},
		status: 400,
		v2: "invalid_request",
		v1: { code: null },
	},
	{
		name: "the replay before 403: a used Idempotency-Key of an account now inactive",
		as: "prepaid",
		async given(scene, bodies) {
			await sendOnce(scene, bodies);
			await scene.me.client.setStatus("suspended");
			return { headers: once };
		},
		status: 201,
		v2: "",
		v1: { code: null },
	},
	{
		name: "422 before 403: a used Idempotency-Key with another body, of an account now inactive",
		as: "prepaid",
		async given(scene, bodies) {
			await sendOnce(scene, bodies);
			await scene.me.client.setStatus("suspended");
			return { headers: once, vps: nowhere };
		},
		status: 422,
		v2: "idempotency_key_reused",
		v1: { code: "UNPROCESSABLE_ENTITY" },
	},
	{
		name: "400 before 403: a body that is wrong, of an inactive account",
		as: "trusted",
		async given(scene) {
			await scene.me.client.setStatus("suspended");
			return { address: "no address" };
		},
		status: 400,
		v2: "invalid_request",
		v1: { code: null },
	},
];

const verb: Pair[] = [
	{
		name: "403 before 404: an inactive account, and a server that does not exist",
		as: "trusted",
		async given(scene) {
			await scene.me.client.setStatus("suspended");
			return { vps: nowhere };
		},
		status: 403,
		v2: "account_inactive",
		v1: { code: "FORBIDDEN", message: /^Account inactive/ },
	},
	{
		name: "404 before 400: a server that does not exist, and an address that is not its own",
		as: "trusted",
		given: async () => ({ vps: nowhere, address: "10.255.255.254" }),
		status: 404,
		v2: "vps_not_found",
		v1: { code: "NOT_FOUND" },
	},
	{
		name: "400 before 409: an address that is not its own, and a server that is not active",
		as: "trusted",
		given: async ({ me }) => ({
			vps: await me.client.addVps({ status: "suspended" }),
			address: me.vps.ip,
		}),
		status: 400,
		v2: "invalid_request",
		v1: { code: null },
	},
	{
		name: "409 not ready before 403: a server that is not active, of an account that does not meet the requirement",
		as: "unverified",
		given: async ({ me }) => ({
			vps: await me.client.addVps({ status: "suspended" }),
		}),
		status: 409,
		v2: "vps_not_ready",
		v1: { code: "CONFLICT", message: /not active/ },
	},
	{
		name: "409 not ready before 409 open: a server that is no longer active, with an open address",
		as: "trusted",
		async given(scene) {
			const { id } = await scene.submit(scene.me);
			expect(id).toMatch(/^p25_/);
			await scene.db.ownerSql.run(
				sql`update services set status = 'suspended' where id = ${scene.me.vps.id}`,
			);
			return {};
		},
		status: 409,
		v2: "vps_not_ready",
		v1: { code: "CONFLICT", message: /not active/ },
	},
	{
		name: "403 before 409 open: an account that does not meet the requirement, and an open address",
		as: "unverified",
		async given(scene) {
			const { id } = await scene.submit(scene.me, { requirement: "recorded" });
			await approve(scene, id);
			return {};
		},
		status: 403,
		v2: "port25_requirements_not_met",
	},
	{
		name: "403 before 409 pending: an account that does not meet the requirement, and a pending request",
		as: "unverified",
		async given(scene) {
			await scene.submit(scene.me, { requirement: "recorded" });
			return {};
		},
		status: 403,
		v2: "port25_requirements_not_met",
	},
	{
		name: "409 open before 409 pending: an address that staff opened while a request waits",
		as: "prepaid",
		async given(scene) {
			await scene.submit(scene.me);
			await openByHand(scene);
			return {};
		},
		status: 409,
		v2: "port25_already_open",
		v1: { code: "CONFLICT", message: /already whitelisted$/ },
	},
	{
		name: "409 pending before 409 cool-off: the cool-off was made longer while a request waits",
		as: "prepaid",
		async given(scene) {
			await reject(scene, (await scene.submit(scene.me)).id);
			await scene.submit(scene.me, { settings: without({ coolOffDays: 0 }) });
			return {};
		},
		status: 409,
		v2: "port25_request_pending",
		v1: { code: "CONFLICT", message: /already pending review\.$/ },
	},
	{
		name: "409 cool-off before 429: a rejected address, and five submissions in the hour",
		as: "prepaid",
		async given(scene) {
			await reject(scene, (await scene.submit(scene.me)).id);
			await submitOthers(scene, 4);
			return {};
		},
		status: 409,
		v2: "cooldown_active",
		v1: { code: "CONFLICT", message: /rejected recently/ },
	},
	{
		name: "409 pending before 429: only what would be made counts",
		as: "prepaid",
		async given(scene) {
			await scene.submit(scene.me);
			await submitOthers(scene, 4);
			return {};
		},
		status: 409,
		v2: "port25_request_pending",
		v1: { code: "CONFLICT", message: /already pending review\.$/ },
	},
	{
		name: "429 last of all: a good request, after five in the hour",
		as: "prepaid",
		async given(scene) {
			await submitOthers(scene, 5);
			return {};
		},
		status: 429,
		v2: "rate_limit_exceeded",
		v1: { code: null, message: /^Rate limit exceeded/ },
	},
];

function without(change: Partial<typeof testSettings.port25>) {
	return { ...testSettings, port25: { ...testSettings.port25, ...change } };
}

async function submitOthers(scene: Scene, count: number): Promise<void> {
	for (let i = 0; i < count; i += 1)
		await scene.submit(scene.me, { vps: await scene.me.client.addVps() });
}

/** An entry without a request, as a later desk will make it. */
async function openByHand({ db, me, staff }: Scene): Promise<void> {
	const lease = await db.sql.first(
		sql<{
			id: string;
		}>`select id from leases where address = ${me.vps.ip}::inet`,
	);
	await db.performer.perform(staff.actor, addEntry, {
		address: me.vps.ip,
		leaseId: lease?.id ?? "",
		clientId: me.client.id,
		clientLegacyId: me.client.legacyId,
		serviceId: me.vps.id,
		serviceLegacyId: me.vps.legacyId,
		serviceName: me.vps.name,
		requestId: null,
		notes: null,
		addedBy: "staff",
		addedById: staff.actor.staffId,
	});
}

export const orderRows: readonly Scenario[] = [
	...gate,
	...before,
	...verb,
].flatMap(rowsOf);
