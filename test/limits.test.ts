/** The limits from end to end, with the numbers that Postern comes with (contract 5 and 14.9). */
import { afterEach, describe, expect, test } from "vitest";
import { loadConfig } from "../server/config.ts";
import { mintKey } from "../server/domain/accounts/api-key.ts";
import { scopes } from "../server/kernel/actor.ts";
import { type Answer, inject } from "./answers.ts";
import { testNow } from "./db.ts";
import { expectRefusal } from "./refusal-shape.ts";
import { faceOf, type RouteName } from "./scenario.ts";
import { submitV1 } from "./scenarios/v1-port25.ts";
import { createV1 } from "./scenarios/v1-tickets.ts";
import { submitV2 } from "./scenarios/v2-port25.ts";
import { createRoute, replyRoute } from "./scenarios/v2-tickets.ts";
import { type Member, reason, useStage } from "./stage.ts";
import { words } from "./tickets.ts";
import type { TestVps } from "./world.ts";

const { rate, port25 } = loadConfig({});
const stage = useStage({
	key: rate.keyPerMinute,
	client: rate.clientPerMinute,
	strangers: rate.unauthenticatedPerMinute,
	tickets: rate.ticketsPerMinute,
	replies: rate.repliesPerMinute,
});

afterEach(() => {
	stage.db.now = testNow;
});

const seconds = (count: number) => new Date(testNow.getTime() + count * 1_000);

interface Ask {
	readonly key?: string;
	readonly source?: string;
	readonly body?: object;
}

function ask(route: RouteName, { key, source, body }: Ask): Promise<Answer> {
	const [method, url] = route.split(" ") as ["GET" | "POST", string];
	return inject(stage.app, {
		method,
		url,
		...(source !== undefined && { remoteAddress: source }),
		...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
		...(body !== undefined && { payload: body }),
	});
}

const me = "GET /api/v2/me";

/** So many in a row; the last answer. */
async function repeat(
	count: number,
	send: () => Promise<Answer>,
): Promise<Answer> {
	for (let i = 1; i < count; i += 1) await send();
	return send();
}

function limitHeaders({ headers }: Answer) {
	return ["limit", "remaining", "reset"].map(
		(name) => headers[`x-ratelimit-${name}`],
	);
}

function expectTooMany(
	answer: Answer,
	route: RouteName,
	code: string | null = "rate_limit_exceeded",
): void {
	expectRefusal(answer, {
		face: faceOf(route),
		row: { route, status: 429, code },
	});
}

describe("the general limit", () => {
	test("is 120 requests a minute of a key, and 600 of a client", () => {
		expect(rate.keyPerMinute).toBe(120);
		expect(rate.clientPerMinute).toBe(600);
	});

	test("lets 120 requests of a key through and refuses the 121st, until the minute is over", async () => {
		const { key } = await stage.addMember("trusted");
		const send = () => ask(me, { key: key.text });
		stage.db.now = seconds(0.25);
		const first = await send();
		expect(limitHeaders(first)).toEqual([
			"120",
			"119",
			"2026-11-20T10:01:00.000Z",
		]);
		const last = await repeat(119, send);
		expect(last.status).toBe(200);
		expect(limitHeaders(last)[1]).toBe("0");
		expect(last.headers).not.toHaveProperty("retry-after");
		stage.takeStatements();
		const refused = await send();
		expectTooMany(refused, me);
		expect(refused.headers["retry-after"]).toBe("60");
		expect(stage.takeStatements()).toEqual([]);
		stage.db.now = seconds(59.999);
		expect((await send()).headers["retry-after"]).toBe("1");
		stage.db.now = seconds(60);
		expect(limitHeaders(await send())).toEqual([
			"120",
			"119",
			"2026-11-20T10:02:00.000Z",
		]);
	});

	test("counts what is refused later, and says so in the first generation's words", async () => {
		const { key } = await stage.addMember("trusted");
		const bad = await repeat(120, () =>
			ask(submitV1, { key: key.text, body: {} }),
		);
		expect([bad.status, limitHeaders(bad)[1]]).toEqual([400, "0"]);
		const refused = await ask(submitV1, { key: key.text, body: {} });
		expectTooMany(refused, submitV1);
		expect(refused.body).toMatchObject({
			error: "Too Many Requests",
			message: "Rate limit exceeded. Please try again later.",
			retryAfter: "2026-11-20T10:01:00.000Z",
		});
	});

	test("lets 600 requests of all keys of a client through", async () => {
		const { client } = await stage.addMember("trusted");
		const keys = await Promise.all(
			Array.from({ length: 6 }, () =>
				stage.addKey({ clientId: client.id }, scopes.customer),
			),
		);
		const answers = await Promise.all(
			keys.flatMap(({ text }) =>
				Array.from({ length: 110 }, () => ask(me, { key: text })),
			),
		);
		const through = answers.filter(({ status }) => status === 200);
		expect(through).toHaveLength(600);
		const refused = answers.find(({ status }) => status === 429);
		expect(refused?.headers["x-ratelimit-limit"]).toBe("600");
	});

	test("is shown on every answer, whatever it is", async () => {
		const member = await stage.addMember("prepaid");
		const key = member.key.text;
		const body = { vpsId: member.vps.id, reason };
		const asked: [RouteName, Ask, number, string][] = [
			[me, { key }, 200, "120"],
			[submitV2, { key, body }, 201, "120"],
			[submitV2, { key, body: {} }, 400, "120"],
			[submitV2, { key, body }, 409, "120"],
			["GET /api/desk/port25-requests", { key }, 403, "120"],
			["GET /api/v2/vps/x", { key }, 404, "120"],
			[me, {}, 401, "60"],
			["GET /api/v2/nothing", { key }, 404, "60"],
			["DELETE /api/v2/me", { key }, 405, "60"],
			["GET /api/v2/%zz", { key }, 400, "60"],
			["GET /api/port25/requests", {}, 401, "60"],
			["GET /api/nothing", {}, 404, "60"],
		];
		for (const [route, sent, status, limit] of asked) {
			const answer = await ask(route, { ...sent, source: "198.51.100.77" });
			expect([route, answer.status]).toEqual([route, status]);
			expect(limitHeaders(answer)).toEqual([
				limit,
				expect.stringMatching(/^\d+$/),
				"2026-11-20T10:01:00.000Z",
			]);
		}
	});
});

describe("the limit of requests without a valid key", () => {
	const source = "198.51.100.1";

	test("refuses a source that failed 60 times, and no other", async () => {
		const last = await repeat(60, () => ask(me, { source }));
		expect([last.status, limitHeaders(last)[1]]).toEqual([401, "0"]);
		const refused = await ask(me, { source });
		expectTooMany(refused, me);
		expect(refused.headers["retry-after"]).toBe("60");
		const inV1 = await ask("GET /api/port25/requests", { source });
		expectTooMany(inV1, "GET /api/port25/requests");
		expect((await ask(me, { source: "198.51.100.2" })).status).toBe(401);
	});

	test("lets in a good key that this process has not seen, from behind an address that failed too often", async () => {
		const { key } = await stage.addMember("trusted");
		expect((await ask(me, { key: key.text, source })).status).toBe(200);
	});

	test("costs the database nothing at ten times the limit, however good a key looks", async () => {
		await repeat(540, () => ask(me, { source }));
		stage.takeStatements();
		expect((await ask(me, { source, key: mintKey("live").key })).status).toBe(
			429,
		);
		expect(stage.takeStatements()).toEqual([]);
	});

	test("lets the neighbours behind the same address in, whose keys are in use", async () => {
		const { key } = await stage.addMember("trusted");
		await ask(me, { key: key.text, source: "198.51.100.3" });
		expect((await ask(me, { key: key.text, source })).status).toBe(200);
	});

	test("counts an IPv6 host by its /64", async () => {
		const last = await repeat(60, () => ask(me, { source: "2001:db8:9::1" }));
		expect(last.status).toBe(401);
		expect((await ask(me, { source: "2001:db8:9::ffff" })).status).toBe(429);
		expect((await ask(me, { source: "2001:db8:9:1::1" })).status).toBe(401);
	});
});

describe("the limits of tickets and replies", () => {
	const { subject, message } = words;
	const ticket = { departmentSlug: "vps", subject, message };

	test("are 10 and 20 a minute of a client", () => {
		expect(rate.ticketsPerMinute).toBe(10);
		expect(rate.repliesPerMinute).toBe(20);
	});

	test("refuse the eleventh ticket of all keys of a client, and no reply and no other client", async () => {
		const member = await stage.addMember("prepaid");
		const second = await stage.addKey({ clientId: member.client.id }, [
			"write:support",
		]);
		const create = (key: string) => ask(createRoute, { key, body: ticket });
		const answers = await Promise.all(
			Array.from({ length: 24 }, (_, i) =>
				create(i % 2 === 0 ? member.key.text : second.text),
			),
		);
		const opened = answers.filter(({ status }) => status === 201);
		expect(opened).toHaveLength(rate.ticketsPerMinute);
		const refused = await create(second.text);
		expectTooMany(refused, createRoute, "rate_limited");
		expect(refused.body).toMatchObject({
			title: "Rate limit exceeded",
			detail: "Rate limit exceeded. Please try again later.",
		});
		expect(limitHeaders(refused)).toEqual([
			"10",
			"0",
			"2026-11-20T10:01:00.000Z",
		]);
		expect(refused.headers["retry-after"]).toBe("60");
		const id: string = Object(opened[0]?.body).id;
		const replyTo = replyRoute.replace("{id}", id) as RouteName;
		const replies = await repeat(21, () =>
			ask(replyTo, { key: member.key.text, body: { message: words.reply } }),
		);
		expectTooMany(replies, replyRoute, "rate_limited");
		expect(limitHeaders(replies)[0]).toBe("20");
		const other = await stage.addMember("prepaid");
		expect((await create(other.key.text)).status).toBe(201);
	});

	test("count tickets of both generations together, and v1 says so in its words", async () => {
		const { key } = await stage.addMember("prepaid");
		const legacy = { dept_id: 3, subject, body: message, priority: 0 };
		for (let i = 0; i < rate.ticketsPerMinute; i += 2) {
			const v2 = await ask(createRoute, { key: key.text, body: ticket });
			const v1 = await ask(createV1, { key: key.text, body: legacy });
			expect([v2.status, v1.status]).toEqual([201, 200]);
		}
		const refused = await ask(createV1, { key: key.text, body: legacy });
		expect(refused).toMatchObject({
			status: 429,
			body: { retryAfter: "2026-11-20T10:01:00.000Z" },
		});
		expectTooMany(refused, createV1, null);
	});

	test("are not used up by a key that may not write", async () => {
		const { client } = await stage.addMember("prepaid");
		const reader = await stage.addKey({ clientId: client.id }, [
			"read:support",
		]);
		const last = await repeat(30, () =>
			ask(createRoute, { key: reader.text, body: ticket }),
		);
		expect([last.status, limitHeaders(last)[0]]).toEqual([403, "120"]);
	});
});

describe("the limit of port 25 requests", () => {
	test("is five an hour", () => {
		expect(port25.perHour).toBe(5);
	});

	async function submitTo(
		member: Member,
		vps: TestVps,
		route: typeof submitV1 | typeof submitV2 = submitV2,
	): Promise<Answer> {
		return ask(route, {
			key: member.key.text,
			body:
				route === submitV2
					? { vpsId: vps.id, reason }
					: { serviceId: String(vps.legacyId), ipAddress: vps.ip },
		});
	}

	const addVps = (member: Member, count: number) =>
		Promise.all(Array.from({ length: count }, () => member.client.addVps()));

	test("refuses the sixth of an hour in both generations, which count together", async () => {
		const member = await stage.addMember("prepaid");
		const [a, b, c, d, e, ...rest] = await addVps(member, 7);
		stage.db.now = seconds(10);
		for (const vps of [a, b, c]) {
			const answer = await submitTo(member, vps as TestVps);
			expect([answer.status, limitHeaders(answer)[0]]).toEqual([201, "120"]);
		}
		stage.db.now = seconds(100);
		for (const vps of [d, e])
			expect((await submitTo(member, vps as TestVps, submitV1)).status).toBe(
				200,
			);
		stage.db.now = seconds(1_000);
		const [vps, other] = rest as [TestVps, TestVps];
		const refused = await submitTo(member, vps);
		expectTooMany(refused, submitV2);
		expect(limitHeaders(refused)).toEqual([
			"5",
			"0",
			seconds(3_610).toISOString(),
		]);
		expect(refused.headers["retry-after"]).toBe("2610");
		const inV1 = await submitTo(member, vps, submitV1);
		expectTooMany(inV1, submitV1);
		expect(inV1.headers["retry-after"]).toBe("2610");
		expect(inV1.body).toMatchObject({
			retryAfter: seconds(3_610).toISOString(),
		});
		stage.db.now = seconds(3_609);
		expect((await submitTo(member, vps)).status).toBe(429);
		stage.db.now = seconds(3_610);
		expect((await submitTo(member, vps)).status).toBe(201);
		expect((await submitTo(member, other)).status).toBe(201);
	});

	test("counts only what was made: a refused one costs nothing", async () => {
		const member = await stage.addMember("prepaid");
		const servers = await addVps(member, 5);
		for (let i = 0; i < 8; i += 1) {
			const answer = await ask(submitV2, {
				key: member.key.text,
				body: { vpsId: "vps_x", reason },
			});
			expect(answer.status).toBe(404);
		}
		for (const vps of servers) {
			expect((await submitTo(member, vps)).status).toBe(201);
			expect((await submitTo(member, vps)).status).toBe(409);
		}
	});

	test("holds when they come at the same time", async () => {
		const member = await stage.addMember("prepaid");
		const servers = await addVps(member, 12);
		const answers = await Promise.all(
			servers.map((vps, i) =>
				submitTo(member, vps, i % 2 === 0 ? submitV2 : submitV1),
			),
		);
		const made = answers.filter(({ status }) => status < 300);
		expect(made).toHaveLength(5);
		expect(answers.filter(({ status }) => status === 429)).toHaveLength(7);
	});

	test("is one client's own", async () => {
		const one = await stage.addMember("prepaid");
		for (const vps of await addVps(one, 5)) await submitTo(one, vps);
		const other = await stage.addMember("prepaid");
		expect((await submitTo(one, one.vps)).status).toBe(429);
		expect((await submitTo(other, other.vps)).status).toBe(201);
	});
});

describe("the same address at the same time", () => {
	test("is asked for once: one is made, the others are told that it waits", async () => {
		const member = await stage.addMember("prepaid");
		const { vps, key } = member;
		const bodies = {
			[submitV2]: { vpsId: vps.id, reason },
			[submitV1]: { serviceId: String(vps.legacyId), ipAddress: vps.ip },
		};
		const answers = await Promise.all(
			Array.from({ length: 40 }, (_, i) => {
				const route = i % 2 === 0 ? submitV2 : submitV1;
				return ask(route, { key: key.text, body: bodies[route] });
			}),
		);
		const statuses = answers.map(({ status }) => status);
		expect(statuses.filter((status) => status < 300)).toHaveLength(1);
		expect(statuses.filter((status) => status === 409)).toHaveLength(39);
	});
});
