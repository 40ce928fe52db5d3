/** Rows of the streams. What happens while one is open is in `server/http/live/`; here it is gone on from. */
import { expect, vi } from "vitest";
import { isAllFinal } from "../final-events.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";
import type { Key } from "../stage.ts";

const own = "GET /api/v2/events";
const desk = "GET /api/desk/events";

/** Where a stream of the caller's begins now, behind all that has happened. */
async function cursor(
	scene: Scene,
	route: RouteName,
	key?: Key,
): Promise<string> {
	await vi.waitUntil(() => isAllFinal(scene.db.pool), { timeout: 60_000 });
	const { text } = await scene.call(route, {}, key);
	return /^id: (\S+)$/m.exec(text)?.[1] ?? "";
}

const from = (lastEventId: string) => ({
	headers: { "last-event-id": lastEventId },
});

const change = (data: object) => ({
	id: expect.stringMatching(/^[\w-]{60,}$/),
	event: "change",
	data: JSON.stringify(data),
});

const reset = (reason: string) => [
	{
		id: expect.stringMatching(/^[\w-]{60,}$/),
		event: "reset",
		data: JSON.stringify({ reason }),
	},
];

function wrongRows(route: RouteName, as: "prepaid" | "staff"): Scenario[] {
	return [
		scenario({
			name: "takes no parameter",
			route,
			cell: "bad input",
			as,
			send: { query: "after=1" },
			status: 400,
			code: "invalid_request",
			pointers: ["?after"],
			events: [],
		}),
		...["1", "x".repeat(2_000), "'; drop table events; --", "  "].map(
			(lastEventId, i) =>
				scenario({
					name: `begins anew behind a cursor that is none (${i + 1})`,
					route,
					as,
					send: from(lastEventId),
					status: 200,
					body: reset("unknown"),
					events: [],
				}),
		),
		scenario({
			name: "begins with what happens from now on",
			route,
			as,
			status: 200,
			headers: {
				"content-type": "text/event-stream; charset=utf-8",
				"cache-control": "no-store",
				"x-accel-buffering": "no",
			},
			body: [],
			events: [],
		}),
	];
}

export const v2EventRows: readonly Scenario[] = [
	scenario({
		name: "goes on behind the last event that the reader had",
		route: own,
		cell: "happy",
		as: "prepaid",
		async given(scene) {
			const lastEventId = await cursor(scene, own);
			const { id } = await scene.submit(scene.me);
			return { id, lastEventId };
		},
		send: ({ lastEventId }) => from(lastEventId),
		status: 200,
		body: ({ id }) => [change({ kind: "port25.requested", subject: id })],
		events: [],
	}),
	scenario({
		name: "tells nobody what happens to somebody else",
		route: own,
		cell: "not mine",
		as: "prepaid",
		async given(scene) {
			const lastEventId = await cursor(scene, own);
			await scene.submit(await scene.addMember("prepaid"));
			const { id } = await scene.submit(scene.me);
			return { id, lastEventId };
		},
		send: ({ lastEventId }) => from(lastEventId),
		status: 200,
		body: ({ id }) => [change({ kind: "port25.requested", subject: id })],
		events: [],
	}),
	scenario({
		name: "begins anew behind a cursor of somebody else",
		route: own,
		as: "prepaid",
		async given(scene) {
			const { key } = await scene.addMember("prepaid");
			return cursor(scene, own, key);
		},
		send: (lastEventId) => from(lastEventId),
		status: 200,
		body: reset("unknown"),
		events: [],
	}),
	scenario({
		name: "begins anew behind a cursor of the desk",
		route: own,
		as: "prepaid",
		given: (scene) => cursor(scene, desk, scene.staff.key),
		send: (lastEventId) => from(lastEventId),
		status: 200,
		body: reset("unknown"),
		events: [],
	}),
	scenario({
		name: "begins anew behind a cursor that is more than three days old",
		route: own,
		as: "prepaid",
		async given(scene) {
			const lastEventId = await cursor(scene, own);
			scene.db.now = new Date(scene.db.now.getTime() + 72 * 3_600_000 + 1);
			return lastEventId;
		},
		send: (lastEventId) => from(lastEventId),
		status: 200,
		body: reset("old"),
		events: [],
	}),
	...wrongRows(own, "prepaid"),
];

export const deskEventRows: readonly Scenario[] = [
	scenario({
		name: "goes on behind the last event that the reader had, with whose it was",
		route: desk,
		cell: "happy",
		as: "staff",
		async given(scene) {
			const lastEventId = await cursor(scene, desk);
			const { id } = await scene.submit(scene.me);
			return { id, lastEventId, clientId: scene.me.client.id };
		},
		send: ({ lastEventId }) => from(lastEventId),
		status: 200,
		body: ({ id, clientId }) => [
			change({ kind: "port25.requested", subject: id, clientId }),
		],
		events: [],
	}),
	...wrongRows(desk, "staff"),
];
