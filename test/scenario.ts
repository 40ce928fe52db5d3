/**
 * `scenario()`: one row of a face's table. A row says who sends what to which route, what comes back, and exactly which
 * events are in the database afterwards.
 *
 * What holds for every row is asserted here and not said again: an answer without events leaves every table as it was,
 * each event has its audit row under the caller's key, a refusal has the whole shape of its face and no more, and nothing
 * of a person or a key stands in a log line, an event or an audit row.
 */
import { describe, expect, test } from "vitest";
import type { Face } from "../server/http/face.ts";
import { faceAt } from "../server/http/face.ts";
import { faces } from "../server/http/faces.ts";
import type { Route } from "../server/http/route.ts";
import { type Answer, inject } from "./answers.ts";
import { testNow } from "./db.ts";
import { expectRefusal } from "./refusal-shape.ts";
import {
	type Key,
	type Member,
	marker,
	type Stage,
	sessionHeaders,
} from "./stage.ts";
import type { Standing } from "./world.ts";

/** What every route has at least one row for. */
export const cells = [
	"happy",
	"no credentials",
	"missing scope",
	"not mine",
	"bad input",
] as const;

export type Cell = (typeof cells)[number];

/**
 * A client of that standing, made for the row; the member of staff; the agent; a caller without credentials. With `session`
 * a `prepaid` client, or the member of staff, comes with a session and not with a key.
 */
export type Role =
	| Standing
	| "staff"
	| "agent"
	| "nobody"
	| "session"
	| "staff session";

/** What a row finds when it is played. */
export interface Scene extends Stage {
	/** The client of the row: the caller, unless staff, the agent or nobody calls; then a `prepaid` bystander. */
	readonly me: Member;
	readonly role: Role;
	/** What the caller comes with; undefined for nobody. */
	readonly caller: Key | undefined;
	/** A request beside the one of the row, as somebody; as the caller of the row when nobody is named. */
	call(route: RouteName, sent?: Sent, as?: Key): Promise<Answer>;
}

export interface Sent {
	/** What stands for `{id}`, or whatever the path calls its parameter. */
	readonly id?: string;
	/** What stands for the other parameters of a path that has several, each under its name. */
	readonly params?: Readonly<Record<string, string>>;
	/** Without the question mark. */
	readonly query?: string;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Sent as it is, as `application/json` unless the headers say otherwise. */
	readonly raw?: string | Buffer;
	/** Beside the caller's `Authorization`; null takes a header away. */
	readonly headers?: Readonly<Record<string, string | null>>;
}

/** `GET /api/v2/me`, as the route list writes it. */
export type RouteName = `${Route["method"]} /${string}`;

type Of<Given, Value> = Value | ((given: Given, scene: Scene) => Value);

export interface Row<Given> {
	/** What is guaranteed, as a sentence. */
	readonly name: string;
	readonly route: RouteName;
	/** Which cell of the grid it fills, if any. */
	readonly cell?: Cell;
	readonly as: Role;
	/** What happened before. */
	readonly given?: (scene: Scene) => Promise<Given>;
	readonly send?: Of<Given, Sent>;
	readonly status: number;
	/** The public code of a refusal; null where the face has none. */
	readonly code?: string | null;
	/** Where the faults of a refusal point to, all of them. */
	readonly pointers?: readonly string[];
	/** The whole body. */
	readonly body?: Of<Given, object | string>;
	/** A part of the body. */
	readonly bodyHas?: Of<Given, object>;
	/** Headers of the answer, among others. */
	readonly headers?: Readonly<Record<string, unknown>>;
	/** The events, all of them and in order. */
	readonly events: readonly string[];
	/** True when the refusal is kept under its Idempotency-Key: the only thing a refusal may leave behind. */
	readonly isKept?: true;
	/** True when an agent reports: where it stands, and when it was seen, is written without an event. */
	readonly isReport?: true;
	/** True where the answer must not cost the database a statement. */
	readonly isFree?: true;
	/** The same request about what does not exist: it is answered alike, after the same statements. */
	readonly asIfMissing?: Of<Given, Sent>;
}

export interface Scenario
	extends Pick<Row<never>, "name" | "route" | "cell" | "as" | "events"> {
	/** Whether its client is afterwards as it was before, so that the next row may have it. */
	readonly leavesNoTrace: boolean;
	play(scene: Scene): Promise<void>;
}

/** Declares a row; what `given` made is what the other fields are called with. */
export function scenario<Given = undefined>(row: Row<Given>): Scenario {
	const { name, route, cell, as, events } = row;
	return {
		name,
		route,
		...(cell !== undefined && { cell }),
		as,
		events,
		leavesNoTrace:
			row.given === undefined &&
			!row.as.endsWith("session") &&
			row.isKept !== true &&
			row.isReport !== true &&
			events.length === 0,
		play: (scene) => play(row, scene),
	};
}

/**
 * Plays the rows on a stage, each with a client that nothing has happened to, and looks for secrets in everything they
 * left behind.
 */
export function playScenarios(stage: Stage, rows: readonly Scenario[]): void {
	const fresh = new Map<Standing, Member[]>();
	for (const [route, own] of Map.groupBy(rows, (row) => row.route))
		describe(route, () => {
			for (const row of own)
				test(row.name, async () => {
					const standing = standingOf(row.as);
					const me =
						fresh.get(standing)?.pop() ?? (await stage.addMember(standing));
					try {
						await row.play(await sceneOf(stage, row.as, me));
					} finally {
						stage.db.now = testNow;
					}
					if (row.leavesNoTrace)
						fresh.set(standing, [...(fresh.get(standing) ?? []), me]);
				});
		});
	test("no key, no person and no reason stands in a log line, an event or an audit row", () =>
		expectNoSecrets(stage));
}

function standingOf(role: Role): Standing {
	const isStanding =
		role === "trusted" || role === "prepaid" || role === "unverified";
	return isStanding ? role : "prepaid";
}

async function sceneOf(stage: Stage, role: Role, me: Member): Promise<Scene> {
	const caller = await keyFor(stage, role, me);
	return Object.assign(Object.create(stage) as Stage, {
		me,
		role,
		caller,
		call: (route: RouteName, sent: Sent = {}, as: Key = caller ?? me.key) =>
			send(stage, route, { sent, key: as }),
	});
}

function send(
	stage: Stage,
	name: RouteName,
	{ sent, key }: { sent: Sent; key: Key | undefined },
): Promise<Answer> {
	const [method = "", path = ""] = name.split(" ");
	const { id, params = {}, query, body, raw, headers } = sent;
	const at = path.replace(
		/\{(\w+)\}/g,
		(whole, name: string) => params[name] ?? id ?? whole,
	);
	const payload =
		raw ?? (body === undefined ? undefined : JSON.stringify(body));
	const all = {
		...(key !== undefined && headersOf(key)),
		...(payload !== undefined && { "content-type": "application/json" }),
		...headers,
	};
	return inject(stage.app, {
		method: method as Route["method"],
		url: `${at}${query === undefined ? "" : `?${query}`}`,
		headers: Object.fromEntries(
			Object.entries(all).flatMap(([name, value]) =>
				value === null ? [] : [[name, value]],
			),
		),
		...(payload !== undefined && { payload }),
	});
}

function headersOf({ text, isSession }: Key): Record<string, string> {
	return isSession === true
		? sessionHeaders(text)
		: { authorization: `Bearer ${text}` };
}

async function play<Given>(row: Row<Given>, scene: Scene): Promise<void> {
	// Without `given` there is nothing that a field could ask for.
	const given = (await row.given?.(scene)) as Given;
	const of = <Value>(value: Of<Given, Value>): Value =>
		typeof value === "function"
			? (value as (given: Given, scene: Scene) => Value)(given, scene)
			: value;
	const key = keyOf(scene);
	const sent = of(row.send ?? {});
	const before = await stateOf(scene);
	scene.takeStatements();
	const answer = await send(scene, row.route, { sent, key });
	if (row.isFree === true) expect(scene.takeStatements()).toEqual([]);
	expect(answer, "the status").toMatchObject({ status: row.status });
	if (row.body !== undefined) expect(answer.body).toEqual(of(row.body));
	if (row.bodyHas !== undefined)
		expect(answer.body).toMatchObject(of(row.bodyHas));
	if (row.headers !== undefined)
		expect(answer.headers).toMatchObject(row.headers);
	if (row.status >= 400)
		expectRefusal(answer, { row, face: faceOf(row.route) });
	await expectLeft(scene, { row, before, key });
	if (row.asIfMissing !== undefined)
		await expectAlike(scene, row.route, {
			foreign: sent,
			missing: of(row.asIfMissing),
		});
}

async function keyFor(
	stage: Stage,
	role: Role,
	me: Member,
): Promise<Key | undefined> {
	const { staff } = stage;
	switch (role) {
		case "staff":
			return staff.key;
		case "staff session":
			return stage.addSession({ staffId: staff.actor.staffId });
		case "session":
			return stage.addSession({ clientId: me.client.id });
		case "agent":
			return stage.agent.key;
		case "nobody":
			return undefined;
		default:
			return me.key;
	}
}

/** A row may have given its client another key meanwhile. */
function keyOf({ role, me, caller }: Scene): Key | undefined {
	return role === standingOf(role) ? me.key : caller;
}

export function faceOf(route: string): Face {
	const face = faceAt(faces, route.slice(route.indexOf(" ") + 1));
	if (face === undefined) throw new Error(`no face has ${route}`);
	return face;
}

async function stateOf({ db, snapshot }: Scene) {
	const [tables, last] = await Promise.all([
		snapshot(),
		db.pool.query<{ id: number }>(
			"select coalesce(max(id), 0) as id from events",
		),
	]);
	return { tables, lastEvent: last.rows[0]!.id };
}

async function expectLeft<Given>(
	scene: Scene,
	left: {
		readonly row: Row<Given>;
		readonly before: Awaited<ReturnType<typeof stateOf>>;
		readonly key: Key | undefined;
	},
): Promise<void> {
	const { row, before, key } = left;
	const { rows } = await scene.db.pool.query(
		`select e.kind, a.kind as audited, a.key_id, a.session_id from events e left join audit a on a.event_id = e.id
		 where e.id > $1 order by e.id`,
		[before.lastEvent],
	);
	expect(
		rows.map(({ kind }) => kind),
		"the events",
	).toEqual(row.events);
	expect(rows, "an audit row for each event").toEqual(
		row.events.map((kind) => ({
			kind,
			audited: kind,
			key_id: key?.isSession === true ? null : (key?.id ?? null),
			session_id: key?.isSession === true ? key.id : null,
		})),
	);
	if (row.events.length > 0) return;
	const tables = { ...(await scene.snapshot()) };
	const touched = [
		...(row.isKept === true ? ["idempotency_keys"] : []),
		...(row.isReport === true ? ["edge_agents"] : []),
	];
	for (const table of touched) {
		expect(tables[table]).not.toBe(before.tables[table]);
		tables[table] = before.tables[table] ?? "";
	}
	expect(tables, "nothing is written").toEqual(before.tables);
}

/** The same answer, apart from what names the request, after the same statements; those on different connections in any order. */
async function expectAlike(
	scene: Scene,
	route: RouteName,
	{ foreign, missing }: { readonly foreign: Sent; readonly missing: Sent },
): Promise<void> {
	const ask = async (sent: Sent) => {
		scene.takeStatements();
		const answer = await send(scene, route, { sent, key: keyOf(scene) });
		const statements = scene
			.takeStatements()
			.toSorted((a, b) => a.localeCompare(b));
		return { statements, status: answer.status, body: nameless(answer, sent) };
	};
	const first = await ask(foreign);
	expect(await ask(missing), "as if it did not exist").toEqual(first);
	expect(first.statements.length, "statements").toBeGreaterThan(0);
}

function nameless({ body }: Answer, { id, params = {} }: Sent): unknown {
	if (typeof body !== "object" || body === null) return body;
	const {
		requestId: _,
		timestamp: __,
		instance,
		...rest
	} = body as Record<string, unknown>;
	return {
		...rest,
		...(typeof instance === "string" && {
			instance: Object.entries({
				...(id !== undefined && { id }),
				...params,
			}).reduce(
				(text, [name, value]) => text.replace(value, `{${name}}`),
				instance,
			),
		}),
	};
}

/** Nothing of a person and no key in what is kept and logged (invariant I10). */
async function expectNoSecrets(stage: Stage): Promise<void> {
	const { rows } = await stage.db.pool.query<{ text: string }>(
		"select e::text as text from events e union all select a::text from audit a",
	);
	const logged = stage.lines.map((line) => JSON.stringify(line));
	const secrets = [
		new RegExp(marker, "i"),
		/@(?:[\w-]+\.)?example\.com/i,
		...stage.keys.map(({ text }) => new RegExp(text.slice(9, 30))),
	];
	const everything = [...rows.map(({ text }) => text), ...logged].join("\n");
	expect(everything.length, "there is something to look at").toBeGreaterThan(0);
	expect(secrets.filter((secret) => secret.test(everything))).toEqual([]);
	expect(
		stage.lines.filter(
			({ requestId, msg }) =>
				typeof requestId !== "string" &&
				// Streams are read over a real connection.
				!String(msg).startsWith("Server listening at "),
		),
		"lines without a request id",
	).toEqual([]);
}
