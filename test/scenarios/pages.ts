/** Rows that every list has alike: how long a page is, and which cursors go on. */
import { expect } from "vitest";
import { testNow } from "../db.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";
import type { Member } from "../stage.ts";

export interface List {
	readonly route: RouteName;
	readonly as: "prepaid" | "staff";
	readonly limitMax: number;
	/** The field by which a thing of the list is known; `id` when absent. */
	readonly key?: string;
	/** Puts two things into the list of a client. */
	fill(scene: Scene, owner: Member): Promise<unknown>;
}

/** Does it twice, a moment apart: lists are sorted by time. */
export async function twice(scene: Scene, make: () => Promise<unknown>) {
	await make();
	scene.db.now = new Date(testNow.getTime() + 1);
	await make();
	scene.db.now = testNow;
}

interface Page {
	readonly data: readonly Readonly<Record<string, unknown>>[];
	readonly hasMore: boolean;
	readonly nextCursor: string;
}

/** The cursor after the first thing of a list, as the client of the row or as staff. */
async function cursorOf(scene: Scene, list: List): Promise<string> {
	const { body } = await scene.call(
		list.route,
		{ query: "limit=1" },
		list.as === "staff" ? scene.staff.key : scene.me.key,
	);
	const { nextCursor } = body as Page;
	expect(nextCursor).toMatch(/^[\w-]{20,}$/);
	return nextCursor;
}

const garbage = [
	"",
	"x",
	"MTA=",
	"eyJvZmZzZXQiOjIwfQ",
	"eyJrIjpbXSwiaCI6IiJ9",
	"%00",
	"a".repeat(1_001),
];

interface Written {
	readonly k: readonly unknown[];
	readonly h: string;
}

/** A cursor is no secret: whoever reads one can write another. None may reach the database as anything but a place. */
const forgeries: Readonly<Record<string, (cursor: Written) => object>> = {
	"another mark": ({ k, h }) => ({ k, h: h.replace(/./g, "0") }),
	"one more field": (cursor) => ({ ...cursor, limit: 1 }),
	"no place": ({ h }) => ({ k: [], h }),
	"one more value": ({ k, h }) => ({ k: [...k, 1], h }),
	"nothing for values": ({ k, h }) => ({ k: k.map(() => null), h }),
	"flags for values": ({ k, h }) => ({ k: k.map(() => true), h }),
	"numbers beyond every date": ({ k, h }) => ({
		k: k.map((value) =>
			typeof value === "number" ? Number.MAX_SAFE_INTEGER : 8.64e15,
		),
		h,
	}),
	"a moment beyond every date": ({ k, h }) => ({
		k: k.map((value) =>
			typeof value === "number" ? Number.MAX_SAFE_INTEGER : `${value}x`,
		),
		h,
	}),
	"a moment before every date": ({ k, h }) => ({
		k: k.map((value) => (typeof value === "number" ? -8.64e15 : `${value}x`)),
		h,
	}),
};

/** Rows for one list; `another` is a list whose cursors it must not take. */
export function pageRows(list: List, another: List): Scenario[] {
	const { route, as, limitMax, key = "id" } = list;
	const limits = [
		"0",
		String(limitMax + 1),
		"abc",
		"",
		"-1",
		"1.0",
		"1e1",
		"+1",
	];
	const filled = async (scene: Scene) => list.fill(scene, scene.me);
	return [
		...[...limits, "9".repeat(400)].map((limit) =>
			scenario({
				name: `refuses limit=${limit.slice(0, 20)}`,
				route,
				as,
				send: { query: `limit=${encodeURIComponent(limit)}` },
				status: 400,
				code: "invalid_request",
				pointers: ["?limit"],
				events: [],
			}),
		),
		scenario({
			name: "refuses a limit that is given twice",
			route,
			as,
			send: { query: "limit=1&limit=2" },
			status: 400,
			code: "invalid_request",
			pointers: ["?limit"],
			events: [],
		}),
		...garbage.map((cursor) =>
			scenario({
				name: `refuses the cursor "${cursor.slice(0, 20)}", which it never gave`,
				route,
				as,
				send: { query: `cursor=${cursor}` },
				status: 400,
				...(cursor === "%00"
					? { code: "invalid_request", pointers: ["?cursor"] }
					: { code: "invalid_cursor" }),
				events: [],
			}),
		),
		scenario({
			name: "goes on where its cursor says, and leaves nothing out",
			route,
			as,
			given: async (scene) => {
				await filled(scene);
				const all = await scene.call(route, { query: `limit=${limitMax}` });
				const cursor = await cursorOf(scene, list);
				return { cursor, all: all.body as Page };
			},
			send: ({ cursor }) => ({ query: `limit=1&cursor=${cursor}` }),
			status: 200,
			bodyHas: ({ all }) => ({
				data: [{ [key]: expect.toSatisfy((it) => it === all.data[1]?.[key]) }],
			}),
			events: [],
		}),
		scenario({
			name: "refuses the cursor of another list",
			route,
			as,
			given: async (scene) => {
				await another.fill(scene, scene.me);
				return cursorOf(scene, another);
			},
			send: (cursor) => ({ query: `cursor=${cursor}` }),
			status: 400,
			code: "invalid_cursor",
			events: [],
		}),
		...Object.entries(forgeries).map(([what, forge]) =>
			scenario({
				name: `refuses a cursor with ${what}`,
				route,
				as,
				given: async (scene) => {
					await filled(scene);
					const cursor = await cursorOf(scene, list);
					const read: Written = JSON.parse(
						Buffer.from(cursor, "base64url").toString(),
					);
					return Buffer.from(JSON.stringify(forge(read))).toString("base64url");
				},
				send: (cursor) => ({ query: `cursor=${cursor}` }),
				status: 400,
				code: "invalid_cursor",
				events: [],
			}),
		),
	];
}

/** The filters are part of where a cursor belongs. */
export function filteredCursorRow(list: List, filter: string): Scenario {
	return scenario({
		name: `refuses a cursor under another filter: ${filter}`,
		route: list.route,
		as: list.as,
		given: async (scene) => {
			await list.fill(scene, scene.me);
			return cursorOf(scene, list);
		},
		send: (cursor) => ({ query: `cursor=${cursor}&${filter}` }),
		status: 400,
		code: "invalid_cursor",
		events: [],
	});
}

/** A list that belongs to a client takes no cursor of another client. */
export function foreignCursorRow(list: List): Scenario {
	return scenario({
		name: "refuses the cursor of another client",
		route: list.route,
		as: list.as,
		given: async (scene) => {
			const other = await scene.addMember("prepaid");
			await list.fill(scene, other);
			const { body } = await scene.call(
				list.route,
				{ query: "limit=1" },
				other.key,
			);
			return (body as Page).nextCursor;
		},
		send: (cursor) => ({ query: `cursor=${cursor}` }),
		status: 400,
		code: "invalid_cursor",
		events: [],
	});
}
