import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createWorld } from "../../../test/world.ts";
import type { StaffActor } from "../../kernel/actor.ts";
import {
	listRequestsForReview,
	type ReviewListInput,
} from "./list-requests-for-review.ts";
import { requestPort25 } from "./request-port25.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

const minute = 60_000;
const minutesOn = (minutes: number) =>
	new Date(testNow.getTime() + minutes * minute);

/** One request a minute: three of `prepaid` that wait, then one of `trusted` that was approved. */
interface Queue {
	readonly reviewer: StaffActor;
	readonly ids: readonly string[];
	readonly ips: readonly string[];
	readonly prepaid: { readonly id: string; readonly legacyId: number };
	readonly trusted: { readonly id: string; readonly legacyId: number };
}

let queue: Queue;

beforeAll(async () => {
	await world.begin();
	const prepaid = await world.addClient("prepaid");
	const trusted = await world.addClient("trusted");
	const ids: string[] = [];
	const ips: string[] = [];
	for (const [i, client] of [prepaid, prepaid, prepaid, trusted].entries()) {
		const vps = await client.addVps();
		db.now = minutesOn(i);
		const request = await db.performer.perform(client.actor, requestPort25, {
			vps: { id: vps.id },
			reason: "Mail.",
			requirement: "enforced",
		});
		ids.push(request.id);
		ips.push(vps.ip);
	}
	const reviewer = await world.addReviewer();
	queue = { reviewer, ids, ips, prepaid, trusted };
});

async function list(input: Partial<ReviewListInput>) {
	return db.performer.ask(queue.reviewer, listRequestsForReview, {
		limit: 100,
		...input,
	});
}

describe("listRequestsForReview", () => {
	test.each<[string, () => Partial<ReviewListInput>, readonly number[]]>([
		["everything, the oldest first", () => ({}), [0, 1, 2, 3]],
		["a state", () => ({ state: "pending" }), [0, 1, 2]],
		["a tier", () => ({ tier: 3 }), [3]],
		[
			"a state and a tier that have none in common",
			() => ({ state: "pending", tier: 3 }),
			[],
		],
		["a client", () => ({ clientId: queue.trusted.id }), [3]],
		[
			"a client by its number",
			() => ({ clientLegacyId: queue.prepaid.legacyId }),
			[0, 1, 2],
		],
		[
			"a client by both",
			() => ({
				clientId: queue.trusted.id,
				clientLegacyId: queue.trusted.legacyId,
			}),
			[3],
		],
		[
			"two clients at once",
			() => ({
				clientId: queue.trusted.id,
				clientLegacyId: queue.prepaid.legacyId,
			}),
			[],
		],
		[
			"a number that no client has",
			() => ({ clientLegacyId: 999_999_999 }),
			[],
		],
		["an address", () => ({ address: queue.ips[1]! }), [1]],
		["from a moment on", () => ({ from: minutesOn(1) }), [1, 2, 3]],
		["before a moment", () => ({ until: minutesOn(1) }), [0]],
		["a span", () => ({ from: minutesOn(1), until: minutesOn(3) }), [1, 2]],
	])("narrows to %s", async (_, input, expected) => {
		const { data, nextCursor } = await list(input());
		expect(data.map(({ id }) => id)).toEqual(expected.map((i) => queue.ids[i]));
		expect(nextCursor).toBeNull();
	});

	test("goes on where its cursor says, under the same filters only", async () => {
		const filter = { clientId: queue.prepaid.id, tier: 0 };
		const first = await list({ ...filter, limit: 2 });
		expect(first.data.map(({ id }) => id)).toEqual(queue.ids.slice(0, 2));
		const cursor = first.nextCursor!;
		const second = await list({ ...filter, limit: 2, cursor });
		expect(second.data.map(({ id }) => id)).toEqual([queue.ids[2]]);
		expect(second.nextCursor).toBeNull();
		for (const other of [
			{},
			{ ...filter, tier: 1 },
			{ ...filter, clientId: queue.trusted.id },
			{ ...filter, state: "pending" as const },
			{ ...filter, address: queue.ips[0]! },
			{ ...filter, from: minutesOn(0) },
			{ ...filter, until: minutesOn(0) },
			{ ...filter, clientLegacyId: queue.prepaid.legacyId },
		])
			await expect(list({ ...other, cursor })).rejects.toMatchObject({
				code: "request.cursor_invalid",
			});
	});

	test("is for reviewers only", async () => {
		await expect(
			db.performer.ask(
				{ ...queue.reviewer, scopes: ["desk:admin", "desk:inventory"] },
				listRequestsForReview,
				{ limit: 1 },
			),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});
