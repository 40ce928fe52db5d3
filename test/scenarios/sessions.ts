/** Rows of sessions, which customers and staff have alike. */
import { expect } from "vitest";
import type { KeyHolder } from "../../server/domain/accounts/api-key.ts";
import { csrfToken } from "../../server/http/session-cookie.ts";
import { scopes } from "../../server/kernel/actor.ts";
import { newId } from "../../server/kernel/id.ts";
import { testNow } from "../db.ts";
import {
	type Role,
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";
import { browser, type Key, sessionHeaders } from "../stage.ts";

const absent = newId("sess", new Date("2026-11-20T09:00:00.000Z"));

interface Side {
	readonly prefix: "/api/v2" | "/api/desk";
	/** Who comes with a session, and who with a key. */
	readonly session: Role;
	readonly key: Role;
	readonly holder: (scene: Scene) => KeyHolder;
	readonly hours: number;
}

const customers: Side = {
	prefix: "/api/v2",
	session: "session",
	key: "prepaid",
	holder: ({ me }) => ({ clientId: me.client.id }),
	hours: 336,
};

const desk: Side = {
	prefix: "/api/desk",
	session: "staff session",
	key: "staff",
	holder: ({ staff }) => ({ staffId: staff.actor.staffId }),
	hours: 12,
};

function shown(side: Side, id: string, isCurrent: boolean) {
	return {
		id,
		how: "handover",
		createdAt: testNow.toISOString(),
		authenticatedAt: testNow.toISOString(),
		lastSeenAt: testNow.toISOString(),
		expiresAt: new Date(
			testNow.getTime() + side.hours * 3_600_000,
		).toISOString(),
		ipAddress: browser.address,
		userAgent: browser.userAgent,
		isCurrent,
	};
}

/** Another session of the same holder. */
const givenOther = (side: Side) => (scene: Scene) =>
	scene.addSession(side.holder(scene));

/** A session of somebody else on the same side. */
const givenForeign =
	(side: Side) =>
	async (scene: Scene): Promise<Key> => {
		if (side.prefix === "/api/v2") {
			const { client } = await scene.addMember("prepaid");
			return scene.addSession({ clientId: client.id });
		}
		const { staffId } = await scene.world.addReviewer();
		return scene.addSession({ staffId });
	};

function rowsOf(side: Side): Scenario[] {
	const { prefix } = side;
	const me: RouteName = `GET ${prefix}/session`;
	const list: RouteName = `GET ${prefix}/sessions`;
	const out: RouteName = `DELETE ${prefix}/session`;
	const others: RouteName = `DELETE ${prefix}/sessions`;
	const one: RouteName = `DELETE ${prefix}/sessions/{id}`;
	const isStaff = prefix === "/api/desk";
	const identity = ({ me: member, staff }: Scene) =>
		isStaff
			? {
					kind: "staff",
					id: staff.actor.staffId,
					name: staff.actor.name,
					email: expect.stringContaining("@"),
					role: "admin",
					scopes: [...scopes.staff],
				}
			: {
					kind: "customer",
					id: member.client.id,
					name: `Client ${member.client.legacyId}`,
					email: `client${member.client.legacyId}@example.com`,
					role: null,
					scopes: [...scopes.customer],
				};
	return [
		scenario({
			name: "says who is signed in, and with which session",
			route: me,
			cell: "happy",
			as: side.session,
			status: 200,
			body: (_, scene) => ({
				...identity(scene),
				session: shown(side, scene.caller?.id ?? "", true),
			}),
			events: [],
		}),
		scenario({
			name: "tells a key that it is no session",
			route: me,
			as: side.key,
			status: 200,
			body: (_, scene) => ({ ...identity(scene), session: null }),
			events: [],
		}),
		scenario({
			name: "names a query parameter that it does not know",
			route: me,
			cell: "bad input",
			as: side.session,
			send: { query: "of=me" },
			status: 400,
			code: "invalid_request",
			pointers: ["?of"],
			events: [],
		}),
		scenario({
			name: "lists the caller's sessions, and nobody else's",
			route: list,
			cell: "happy",
			as: side.session,
			given: async (scene) => {
				await scene.call(others);
				await givenForeign(side)(scene);
				return givenOther(side)(scene);
			},
			status: 200,
			body: (other, { caller }) => ({
				// Seen in the same moment.
				sessions: [
					shown(side, caller?.id ?? "", true),
					shown(side, other.id, false),
				].sort((x, y) => (x.id < y.id ? 1 : -1)),
			}),
			events: [],
		}),
		scenario({
			name: "names a query parameter that it does not know",
			route: list,
			cell: "bad input",
			as: side.session,
			send: { query: "limit=2" },
			status: 400,
			code: "invalid_request",
			pointers: ["?limit"],
			events: [],
		}),
		scenario({
			name: "signs out, and takes the cookies away",
			route: out,
			cell: "happy",
			as: side.session,
			status: 200,
			body: {},
			headers: {
				"set-cookie": [
					"__Host-postern_session=; Path=/; Max-Age=0; SameSite=Lax; Secure; HttpOnly",
					"__Host-postern_csrf=; Path=/; Max-Age=0; SameSite=Lax; Secure",
				],
			},
			events: ["session.ended"],
		}),
		scenario({
			name: "cannot sign a key out",
			route: out,
			as: side.key,
			status: 404,
			code: "session_not_found",
			events: [],
		}),
		scenario({
			name: "takes no other session's id",
			route: out,
			cell: "bad input",
			as: side.session,
			send: { query: `id=${absent}` },
			status: 400,
			code: "invalid_request",
			pointers: ["?id"],
			events: [],
		}),
		scenario({
			name: "ends the others, and says how many",
			route: others,
			cell: "happy",
			as: side.session,
			given: async (scene) => {
				await scene.call(others);
				await givenOther(side)(scene);
				return givenOther(side)(scene);
			},
			status: 200,
			body: { ended: 2 },
			events: ["session.ended", "session.ended"],
		}),
		scenario({
			name: "ends all of them for a key",
			route: others,
			as: side.key,
			given: async (scene) => {
				await scene.call(others);
				return givenOther(side)(scene);
			},
			status: 200,
			body: { ended: 1 },
			events: ["session.ended"],
		}),
		scenario({
			name: "names a query parameter that it does not know",
			route: others,
			cell: "bad input",
			as: side.session,
			send: { query: "all=true" },
			status: 400,
			code: "invalid_request",
			pointers: ["?all"],
			events: [],
		}),
		scenario({
			name: "ends another session of the caller",
			route: one,
			cell: "happy",
			as: side.session,
			given: givenOther(side),
			send: ({ id }) => ({ id }),
			status: 200,
			body: {},
			events: ["session.ended"],
		}),
		scenario({
			name: "ends one that is over as if it were not",
			route: one,
			as: side.session,
			given: async (scene) => {
				const other = await givenOther(side)(scene);
				await scene.call(one, { id: other.id });
				return other;
			},
			send: ({ id }) => ({ id }),
			status: 200,
			body: {},
			events: [],
		}),
		scenario({
			name: "finds no session of somebody else",
			route: one,
			...(!isStaff && { cell: "not mine" as const }),
			as: side.session,
			given: givenForeign(side),
			send: ({ id }) => ({ id }),
			status: 404,
			code: "session_not_found",
			events: [],
			asIfMissing: { id: absent },
		}),
		scenario({
			name: "finds nothing under what is no id",
			route: one,
			cell: "bad input",
			as: side.session,
			send: { id: "sess_x" },
			status: 404,
			code: "session_not_found",
			events: [],
		}),
		...(isStaff
			? []
			: [me, list, out, others].map((route) =>
					scenario({
						name: "is about the caller, whoever else is signed in",
						route,
						cell: "not mine",
						as: side.session,
						given: givenForeign(side),
						send: ({ text }) => ({
							headers: { cookie: `${cookieOf}=${text}; ${cookieOf}=${text}` },
						}),
						status: 401,
						code: "unauthorized",
						events: [],
					}),
				)),
	];
}

const cookieOf = "__Host-postern_session";

export const sessionRows: readonly Scenario[] = [
	...[customers, desk].flatMap(rowsOf),
	...cookieRows(),
];

/** What holds of a session on every route, shown on one of each kind. */
function cookieRows(): Scenario[] {
	const read: RouteName = "GET /api/v2/me";
	const write: RouteName = "POST /api/v2/api-keys";
	const body = { name: "Mail gateway", scopes: ["write:support"] };
	const refused = { status: 403, code: "cross_site_request", events: [] };
	const strangers: Record<string, Record<string, string | null>> = {
		"from another site": { "sec-fetch-site": "cross-site" },
		"from a neighbour of this site": { "sec-fetch-site": "same-site" },
		"typed into the address bar": { "sec-fetch-site": "none" },
		"without its token": { "x-csrf-token": null },
		"with the token of nothing": { "x-csrf-token": "x" },
		"that nobody says where from": { "sec-fetch-site": null },
		"from another origin, in an old browser": {
			"sec-fetch-site": null,
			origin: "https://evil.example",
		},
		"from a sandboxed frame, in an old browser": {
			"sec-fetch-site": null,
			origin: "null",
		},
	};
	return [
		...Object.entries(strangers).map(([what, headers]) =>
			scenario({
				name: `takes no change in a session ${what}`,
				route: write,
				as: "session",
				send: { body, headers },
				...refused,
			}),
		),
		scenario({
			name: "takes no change in a session with the token of another one",
			route: write,
			as: "session",
			given: givenForeign(customers),
			send: ({ text }) => ({
				body,
				headers: { "x-csrf-token": csrfToken(text) },
			}),
			...refused,
		}),
		scenario({
			name: "takes a change in a session from a page here, also in an old browser",
			route: write,
			as: "session",
			send: {
				body,
				headers: {
					"sec-fetch-site": null,
					origin: "https://cloud.example.com",
				},
			},
			status: 201,
			events: ["key.created"],
		}),
		scenario({
			name: "is read in a session from wherever: a page elsewhere does not see the answer",
			route: read,
			as: "session",
			send: {
				headers: { "sec-fetch-site": "cross-site", "x-csrf-token": null },
			},
			status: 200,
			events: [],
		}),
		scenario({
			name: "believes the key and not the session beside it",
			route: read,
			as: "prepaid",
			given: givenForeign(customers),
			send: ({ text }) => ({ headers: { cookie: `${cookieOf}=${text}` } }),
			status: 200,
			bodyHas: (_, { me }) => ({ id: me.client.id }),
			events: [],
		}),
		scenario({
			name: "believes no session beside a key that is none",
			route: read,
			as: "session",
			send: { headers: { authorization: "Bearer none" } },
			status: 401,
			code: "unauthorized",
			events: [],
		}),
		scenario({
			name: "knows no session under the name without __Host-",
			route: read,
			as: "session",
			send: (_, { caller }) => ({
				headers: { cookie: `postern_session=${caller?.text}` },
			}),
			status: 401,
			code: "unauthorized",
			isFree: true,
			events: [],
		}),
		scenario({
			name: "knows no session by what the database has of it",
			route: read,
			as: "session",
			given: async ({ db, caller }) => {
				const { rows } = await db.pool.query<{ hash: string }>(
					"select hash from sessions where id = $1",
					[caller?.id],
				);
				return rows[0]?.hash ?? "";
			},
			send: (hash) => ({ headers: { cookie: `${cookieOf}=${hash}` } }),
			status: 401,
			code: "unauthorized",
			isFree: true,
			events: [],
		}),
		...decisions(),
	];
}

function decisions(): Scenario[] {
	const approve: RouteName =
		"POST /api/desk/port25-requests/{id}/actions/approve";
	const approved = ["port25.approved", "allowlist.entry_added"];
	const submit = ({ me, submit: send }: Scene) => send(me);
	return [
		scenario({
			name: "takes a decision in a session that was signed in to just now",
			route: approve,
			as: "staff session",
			given: submit,
			send: ({ id }) => ({ id, body: {} }),
			status: 200,
			events: approved,
		}),
		scenario({
			name: "takes no decision in a session an hour after its sign-in, and keeps nothing under its Idempotency-Key",
			route: approve,
			as: "nobody",
			given: async (scene) => ({
				...(await submit(scene)),
				session: await scene.addSession(
					{ staffId: scene.staff.actor.staffId },
					{ authenticatedAt: new Date(testNow.getTime() - 3_600_000) },
				),
			}),
			send: ({ id, session }) => ({
				id,
				body: {},
				headers: {
					...sessionHeaders(session.text),
					"idempotency-key": "again",
				},
			}),
			status: 403,
			code: "step_up_required",
			events: [],
		}),
	];
}
