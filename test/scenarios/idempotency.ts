/** `Idempotency-Key` on every POST (contract 14.17): a repeat has no second effect and is answered as the first time. */
import { expect } from "vitest";
import { sql } from "../../server/platform/sql.ts";
import type { Answer } from "../answers.ts";
import { testNow } from "../db.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	type Sent,
	scenario,
} from "../scenario.ts";
import { reason } from "../stage.ts";
import { open, words } from "../tickets.ts";
import { bodyV1, submitV1 } from "./v1-port25.ts";
import { submitV2 } from "./v2-port25.ts";
import { closeRoute, createRoute, replyRoute } from "./v2-tickets.ts";

const day = 24 * 60 * 60 * 1000;
const keyed = (key: string) => ({ headers: { "idempotency-key": key } });
const once = keyed('"once"');

/** A good request to each POST. */
interface Post {
	readonly route: RouteName;
	readonly as: "prepaid" | "staff";
	readonly status: 200 | 201;
	good(scene: Scene): Promise<Sent>;
	/** The same with another body; undefined where no other body is valid. */
	other?(sent: Sent): Sent;
}

const pending = (scene: Scene) => scene.submit(scene.me);

const ticket = {
	departmentSlug: "vps",
	subject: words.subject,
	message: words.message,
};

const posts: readonly Post[] = [
	{
		route: submitV2,
		as: "prepaid",
		status: 201,
		good: async ({ me }) => ({ body: { vpsId: me.vps.id, reason } }),
		other: (sent) => ({ ...sent, body: { vpsId: "vps_x", reason } }),
	},
	{
		route: submitV1,
		as: "prepaid",
		status: 200,
		good: async (scene) => ({ body: bodyV1(scene) }),
		other: (sent) => ({
			...sent,
			body: { serviceId: "1", ipAddress: "10.0.0.1" },
		}),
	},
	{
		route: "POST /api/v2/support/port25-requests/{id}/actions/withdraw",
		as: "prepaid",
		status: 200,
		good: async (scene) => ({ id: (await pending(scene)).id }),
	},
	{
		route: createRoute,
		as: "prepaid",
		status: 201,
		good: async () => ({ body: ticket }),
		other: (sent) => ({ ...sent, body: { ...ticket, subject: reason } }),
	},
	{
		route: replyRoute,
		as: "prepaid",
		status: 201,
		good: async (scene) => ({
			id: (await open(scene, scene.me)).id,
			body: { message: reason },
		}),
		other: (sent) => ({ ...sent, body: { message: `Another ${reason}` } }),
	},
	{
		route: closeRoute,
		as: "prepaid",
		status: 200,
		good: async (scene) => ({ id: (await open(scene, scene.me)).id }),
	},
	{
		route: "POST /api/desk/port25-requests/{id}/actions/approve",
		as: "staff",
		status: 200,
		good: async (scene) => ({
			id: (await pending(scene)).id,
			body: { note: reason },
		}),
		other: (sent) => ({ ...sent, body: {} }),
	},
	{
		route: "POST /api/desk/tickets/{id}/messages",
		as: "staff",
		status: 201,
		good: async (scene) => ({
			id: (await open(scene, scene.me)).id,
			body: { message: reason, internal: true },
		}),
		other: (sent) => ({ ...sent, body: { message: reason } }),
	},
	{
		route: "POST /api/desk/tickets/{id}/actions/start",
		as: "staff",
		status: 200,
		good: async (scene) => ({ id: (await open(scene, scene.me)).id }),
	},
	{
		route: "POST /api/desk/port25-requests/{id}/actions/reject",
		as: "staff",
		status: 200,
		good: async (scene) => ({
			id: (await pending(scene)).id,
			body: { reason },
		}),
		other: (sent) => ({ ...sent, body: { reason: `Another ${reason}` } }),
	},
];

interface First {
	readonly sent: Sent;
	readonly answer: Answer;
}

/** Sends the good request under the key; it is done, and says nothing of a replay. */
async function first(scene: Scene, post: Post): Promise<First> {
	const sent = { ...(await post.good(scene)), ...once };
	const answer = await scene.call(post.route, sent);
	expect(answer.status).toBe(post.status);
	expect(answer.headers).not.toHaveProperty("idempotency-replayed");
	return { sent, answer };
}

/** The answer but for what names the request. */
function content({ body }: Answer): object {
	return { ...Object(body), ...("success" in Object(body) && volatile) };
}

const volatile = {
	requestId: expect.any(String),
	timestamp: expect.any(String),
};

function rowsOf(post: Post): Scenario[] {
	const { route, as, status } = post;
	const isV1 = route === submitV1;
	const replay = {
		route,
		as,
		status,
		given: (scene: Scene) => first(scene, post),
		body: ({ answer }: First) => content(answer),
		headers: { "idempotency-replayed": "true" },
		events: [],
	};
	const rows = [
		scenario<First>({
			...replay,
			name: "answers a repeat as the first time, and does nothing",
			send: ({ sent }) => sent,
		}),
		scenario<First>({
			...replay,
			name: "reads the key with and without quotes alike",
			send: ({ sent }) => ({ ...sent, ...keyed("once") }),
		}),
		scenario<First>({
			...replay,
			name: "remembers a key for 24 hours",
			given: async (scene) => {
				const given = await first(scene, post);
				scene.db.now = new Date(testNow.getTime() + day - 1);
				return given;
			},
			send: ({ sent }) => sent,
		}),
	];
	const { other } = post;
	if (other !== undefined)
		rows.push(
			scenario<First>({
				name: "refuses the key with another body",
				route,
				as,
				given: (scene) => first(scene, post),
				send: ({ sent }) => other(sent),
				status: 422,
				code: isV1 ? "UNPROCESSABLE_ENTITY" : "idempotency_key_reused",
				events: [],
			}),
		);
	return [...rows, ...badKeys.map((key) => badKeyRow(post, key))];
}

const badKeys = ["", '""', '"', '"a', "x".repeat(256), '"a\\b"', "a\tb"];

function badKeyRow(post: Post, key: string): Scenario {
	const isV1 = post.route === submitV1;
	return scenario<Sent>({
		name: `refuses the key ${JSON.stringify(key).slice(0, 20)}, rather than not to protect`,
		route: post.route,
		as: post.as,
		given: (scene) => post.good(scene),
		send: (sent) => ({ ...sent, ...keyed(key) }),
		status: 400,
		...(isV1 ? { body: "" } : { code: "invalid_request" }),
		events: [],
	});
}

/** What ends with the transaction, and what does not. */
const [submit] = posts as [Post];

const refusals: Scenario[] = [
	scenario({
		name: "keeps a refusal under the key",
		route: submitV2,
		as: "prepaid",
		given: ({ me }) => me.client.addVps({ status: "pending" }),
		send: (vps) => ({ body: { vpsId: vps.id, reason }, ...once }),
		status: 409,
		code: "vps_not_ready",
		events: [],
		isKept: true,
	}),
	scenario({
		name: "answers a repeat with the refusal that was given, though the reason for it is gone",
		route: submitV2,
		as: "prepaid",
		given: async (scene) => {
			const vps = await scene.me.client.addVps({ status: "pending" });
			const sent = { body: { vpsId: vps.id, reason }, ...once };
			const refused = await scene.call(submitV2, sent);
			expect(refused.status).toBe(409);
			await scene.db.ownerSql.run(
				sql`update services set status = 'active' where id = ${vps.id}`,
			);
			return sent;
		},
		send: (sent) => sent,
		status: 409,
		code: "vps_not_ready",
		events: [],
	}),
	scenario({
		name: "keeps where a field was wrong",
		route: submitV2,
		as: "prepaid",
		given: async (scene) => {
			const sent = {
				body: { vpsId: scene.me.vps.id, reason, ipAddress: "10.255.255.254" },
				...once,
			};
			expect((await scene.call(submitV2, sent)).status).toBe(400);
			return sent;
		},
		send: (sent) => sent,
		status: 400,
		code: "invalid_request",
		pointers: ["/ipAddress"],
		events: [],
	}),
	scenario({
		name: "keeps no refusal of the schema: the body may be corrected",
		route: submitV2,
		as: "prepaid",
		send: (_, { me }) => ({ body: { vpsId: me.vps.id }, ...once }),
		status: 400,
		code: "invalid_request",
		pointers: ["/reason"],
		events: [],
	}),
	scenario({
		name: "keeps no refusal of the limit: it is over when its time is",
		route: submitV2,
		as: "prepaid",
		given: async (scene) => {
			for (let i = 0; i < 5; i += 1)
				await scene.submit(scene.me, { vps: await scene.me.client.addVps() });
		},
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason }, ...once }),
		status: 429,
		code: "rate_limit_exceeded",
		events: [],
	}),
	scenario({
		name: "forgets a key after 24 hours",
		route: submitV2,
		as: "prepaid",
		given: async (scene) => {
			const given = await first(scene, submit);
			scene.db.now = new Date(testNow.getTime() + day);
			return given;
		},
		send: ({ sent }: First) => sent,
		status: 409,
		code: "port25_request_pending",
		events: [],
		isKept: true,
	}),
];

const apart: Scenario[] = [
	scenario({
		name: "knows the same key of two clients apart",
		route: submitV2,
		as: "prepaid",
		given: async (scene) => {
			const other = await scene.addMember("prepaid");
			const body = { vpsId: other.vps.id, reason };
			await scene.call(submitV2, { body, ...once }, other.key);
		},
		send: (_, { me }) => ({ body: { vpsId: me.vps.id, reason }, ...once }),
		status: 201,
		events: ["port25.requested"],
	}),
	scenario({
		name: "knows the same key of two keys of one client as one",
		route: submitV2,
		as: "prepaid",
		given: async (scene) => {
			const { answer, sent } = await first(scene, submit);
			const key = await scene.addKey({ clientId: scene.me.client.id }, [
				"write:support",
			]);
			const authorization = `Bearer ${key.text}`;
			return {
				answer,
				sent: { ...sent, headers: { ...sent.headers, authorization } },
			};
		},
		send: ({ sent }: First) => sent,
		status: 201,
		headers: { "idempotency-replayed": "true" },
		events: [],
	}),
	scenario({
		name: "knows the same key on two paths apart",
		route: submitV1,
		as: "prepaid",
		given: (scene) => first(scene, submit),
		send: (_, scene) => ({ body: bodyV1(scene), ...once }),
		status: 409,
		code: "CONFLICT",
		events: [],
		isKept: true,
	}),
	scenario({
		name: "takes no notice of the header where nothing is done",
		route: "GET /api/v2/me",
		as: "prepaid",
		send: keyed('"'),
		status: 200,
		events: [],
	}),
	scenario({
		name: "takes the same body however it is spaced",
		route: submitV2,
		as: "prepaid",
		given: (scene) => first(scene, submit),
		send: ({ sent }: First) => ({
			raw: JSON.stringify(sent.body, null, 4),
			...once,
		}),
		status: 201,
		headers: { "idempotency-replayed": "true" },
		events: [],
	}),
];

export const idempotencyRows: readonly Scenario[] = [
	...posts.flatMap(rowsOf),
	...refusals,
	...apart,
];
