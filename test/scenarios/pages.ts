/** Rows that every list has alike: how long a page is, and which cursors go on. */
import { expect } from "vitest";
import { testNow } from "../db.ts";
import { type RouteName, type Scenario, type Scene, scenario } from "../scenario.ts";
import type { Member } from "../stage.ts";

export interface List {
	readonly route: RouteName;
	readonly as: "prepaid" | "staff";
	readonly limitMax: number;
	/** A filter that leaves the member's things in the list. */
	readonly filter: string;
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
	readonly data: readonly { readonly id: string }[];
	readonly hasMore: boolean;
	readonly nextCursor: string;
}

/** The cursor after the first thing of the list of the row's caller. */
async function cursorOf(scene: Scene, list: List, query = ""): Promise<string> {
	const { body } = await scene.call(list.route, { query: `limit=1${query}` });
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

/** Rows for one list; `another` is a list whose cursors it must not take. */
export function pageRows(list: List, another: List): Scenario[] {
	const { route, as, limitMax } = list;
	const limits = ["0", String(limitMax + 1), "abc", "", "-1", "1.0", "1e1", "+1"];
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
			bodyHas: ({ all }) => ({ data: [{ id: all.data[1]?.id }] }),
			events: [],
		}),
		scenario({
			name: "refuses a cursor under another filter",
			route,
			as,
			given: async (scene) => {
				await filled(scene);
				return cursorOf(scene, list);
			},
			send: (cursor) => ({ query: `cursor=${cursor}&${list.filter}` }),
			status: list.filter === "" ? 200 : 400,
			...(list.filter !== "" && { code: "invalid_cursor" }),
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
		scenario({
			name: "refuses a cursor that was changed",
			route,
			as,
			given: async (scene) => {
				await filled(scene);
				const cursor = await cursorOf(scene, list);
				const text = Buffer.from(cursor, "base64url").toString();
				return Buffer.from(text.replace(/\d(?=[",\]])/, "z")).toString("base64url");
			},
			send: (cursor) => ({ query: `cursor=${cursor}` }),
			status: 400,
			code: "invalid_cursor",
			events: [],
		}),
	];
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
