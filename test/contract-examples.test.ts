/** The documents' own examples, sent as they stand there to a server that has the demo (contract 14.60). */
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoContents, loadDemo } from "../server/demo/load-demo.ts";
import type { DemoName } from "../server/demo/provider.ts";
import { adoptPolicy } from "../server/domain/port25/adopt-policy.ts";
import { defaultPolicy } from "../server/domain/port25/policy/policy.ts";
import { faces } from "../server/http/faces.ts";
import { system } from "../server/kernel/actor.ts";
import { sql } from "../server/platform/sql.ts";
import { type Answer, inject } from "./answers.ts";
import {
	type ProblemFact,
	v1Errors,
	v1Submission,
	v2Problems,
	v2Submission,
} from "./contract-facts.ts";
import { expectFields } from "./contract-fields.ts";
import { useDatabase } from "./db.ts";
import { addKey, buildServer } from "./server.ts";

const db = useDatabase();
let app: FastifyInstance;
let demo: DemoContents;

beforeAll(async () => {
	const operator = system("test");
	await db.performer.perform(operator, adoptPolicy, defaultPolicy);
	demo = await db.performer.perform(operator, loadDemo, {
		knownKeys: undefined,
	});
	app = buildServer(db, faces).app;
});

afterAll(() => app.close());

/** As the curl of the second generation sends it. */
function sendV2(body: object, key?: string): Promise<Answer> {
	return inject(app, {
		method: "POST",
		url: v2Submission.path,
		headers: {
			...(key !== undefined && { authorization: `Bearer ${key}` }),
			accept: "application/json",
			"content-type": "application/json",
		},
		payload: JSON.stringify(body),
	});
}

/** As the curl of the first generation sends it. */
function sendV1(body: object, key?: string): Promise<Answer> {
	return inject(app, {
		method: "POST",
		url: v1Submission.path,
		headers: {
			...(key !== undefined && { "x-api-key": key }),
			"content-type": "application/json",
		},
		payload: JSON.stringify(body),
	});
}

const keyOf = (name: DemoName) => demo.clients[name].key;

function bodyFor(name: DemoName, place: number) {
	const vps = demo.clients[name].vps[place];
	expect(vps).toBeDefined();
	return { vpsId: vps?.id, reason: v2Submission.body.reason };
}

function bodyV1For(name: DemoName, place: number) {
	const vps = demo.clients[name].vps[place];
	expect(vps).toBeDefined();
	return { serviceId: String(vps?.legacyId), ipAddress: vps?.ip };
}

function expectProblem(
	{ status, body, headers }: Answer,
	fact: ProblemFact,
): void {
	expect(status).toBe(fact.status);
	expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
	// The documents' generic examples have the two last members, those of this route do not: ours always do (14.2).
	expect(body).toEqual({
		type: expect.stringMatching(new RegExp(`/errors/${fact.code}$`)),
		title: fact.title,
		status: fact.status,
		detail: fact.detail,
		code: fact.code,
		instance: v2Submission.path,
		...(fact.errors && { errors: fact.errors }),
		requestId: expect.stringMatching(/^req_/),
		timestamp: expect.stringMatching(/Z$/),
	});
}

/** Breaks the database below the server, so that the next submission meets a bug, and mends it. */
async function whileBroken<Result>(
	body: () => Promise<Result>,
): Promise<Result> {
	const before = await db.ownerSql.first(
		sql<{ hash: string }>`select policy_hash as hash from installation`,
	);
	await db.ownerSql.run(sql`update installation set policy_hash = null`);
	try {
		return await body();
	} finally {
		await db.ownerSql.run(
			sql`update installation set policy_hash = ${before?.hash}`,
		);
	}
}

describe("the second generation's example", () => {
	test("is accepted as it stands, with the documented fields and no others", async () => {
		const { status, body } = await sendV2(v2Submission.body, keyOf("trusted"));
		expect(status).toBe(v2Submission.status);
		expectFields(body, v2Submission.fields);
		expect(body).toMatchObject(v2Submission.answer);
	});

	test("answers pending, as in the document, where the policy leaves it to review", async () => {
		const { status, body } = await sendV2(
			bodyFor("prepaid", 0),
			keyOf("prepaid"),
		);
		expect(status).toBe(v2Submission.status);
		expectFields(body, v2Submission.fields);
		expect(body).toMatchObject({ status: "pending", resolvedAt: null });
	});

	test("needs the documented scope and no other", async () => {
		const { clientId } = demo.clients.other;
		const key = await addKey(db, { clientId }, [v2Submission.scope]);
		expect((await sendV2(bodyFor("other", 0), key)).status).toBe(201);
	});
});

describe("the second generation's documented refusals", () => {
	test("400 names the missing field twice", async () => {
		const { reason: _, ...body } = v2Submission.body;
		expectProblem(
			await sendV2(body, keyOf("trusted")),
			v2Problems.reasonMissing,
		);
	});

	test("401 without a key, and with one that is none", async () => {
		for (const key of [undefined, "YOUR_API_KEY"])
			expectProblem(
				await sendV2(v2Submission.body, key),
				v2Problems.noCredentials,
			);
	});

	test("403 for a key that only reads", async () => {
		const { readOnlyKey } = demo.clients.trusted;
		expectProblem(
			await sendV2(v2Submission.body, readOnlyKey),
			v2Problems.scopeMissing,
		);
	});

	test("403 for an account that is not active", async () => {
		expectProblem(
			await sendV2(bodyFor("suspended", 0), keyOf("suspended")),
			v2Problems.accountInactive,
		);
	});

	test("403 for an account without BankID or a prepaid year", async () => {
		expectProblem(
			await sendV2(bodyFor("unverified", 1), keyOf("unverified")),
			v2Problems.requirementNotMet,
		);
	});

	test("404 for the example's server in another account", async () => {
		expectProblem(
			await sendV2(v2Submission.body, keyOf("other")),
			v2Problems.vpsUnknown,
		);
	});

	test("409 for an address that waits already", async () => {
		const body = bodyFor("prepaid", 1);
		expect((await sendV2(body, keyOf("prepaid"))).status).toBe(201);
		expectProblem(
			await sendV2(body, keyOf("prepaid")),
			v2Problems.pendingAlready,
		);
	});

	test("429 for the sixth in an hour, with the headers that say when", async () => {
		for (const place of [1, 2, 3, 4])
			expect(
				(await sendV2(bodyFor("trusted", place), keyOf("trusted"))).status,
			).toBe(201);
		const answer = await sendV2(bodyFor("trusted", 5), keyOf("trusted"));
		expectProblem(answer, v2Problems.tooMany);
		expect(answer.headers).toMatchObject({
			"retry-after": "3600",
			"x-ratelimit-limit": "5",
			"x-ratelimit-remaining": "0",
			"x-ratelimit-reset": "2026-11-20T11:00:00.000Z",
		});
	});

	test("500 in this route's words, which say nothing of the cause", async () => {
		const answer = await whileBroken(() =>
			sendV2(bodyFor("prepaid", 2), keyOf("prepaid")),
		);
		expectProblem(answer, v2Problems.internal);
	});
});

describe("the first generation's example", () => {
	test("is accepted as it stands, and answers what the document shows", async () => {
		const { status, body } = await sendV1(
			v1Submission.body,
			keyOf("unverified"),
		);
		expect(status).toBe(v1Submission.status);
		expectFields(body, v1Submission.envelope);
		const { success, data } = body as { success: boolean; data: V1Data };
		expect(success).toBe(true);
		expectFields(data, v1Submission.data);
		expectFields(data.request, v1Submission.requestFields);
		expect(data.approved).toBe(false);
		expect(data.whitelistEntry).toBeNull();
		expect(data.request).toMatchObject(v1Submission.request);
	});

	test("gives the whitelist entry with its documented fields when the policy approves", async () => {
		// An hour after the second generation's five.
		db.now = new Date(db.now.getTime() + 60 * 60 * 1000);
		const { body } = await sendV1(bodyV1For("trusted", 5), keyOf("trusted"));
		const { data } = body as { data: V1Data };
		expect(data.approved).toBe(true);
		expectFields(data.request, v1Submission.requestFields);
		expectFields(data.whitelistEntry, v1Submission.entryFields);
		expect(data).toMatchObject(v1Submission.automatic);
	});

	test("is read back in the same shapes", async () => {
		const { status, body } = await inject(app, {
			method: "GET",
			url: v1Submission.path,
			headers: { "x-api-key": keyOf("trusted") },
		});
		expect(status).toBe(200);
		expectFields(body, v1Submission.envelope);
		const { data } = body as {
			data: { requests: unknown[]; whitelist: unknown[] };
		};
		expect(Object.keys(data).toSorted((a, b) => a.localeCompare(b))).toEqual([
			"requests",
			"whitelist",
		]);
		expect(data.requests).toHaveLength(6);
		expect(data.whitelist).toHaveLength(6);
		for (const one of data.requests)
			expectFields(one, v1Submission.requestFields);
		for (const one of data.whitelist)
			expectFields(one, v1Submission.entryFields);
	});
});

interface V1Data {
	readonly approved: boolean;
	readonly request: unknown;
	readonly whitelistEntry: unknown;
}

describe("the first generation's documented refusals", () => {
	type Fact = (typeof v1Errors)[keyof typeof v1Errors];

	function expectError({ status, body, headers }: Answer, fact: Fact): void {
		const { error, message, code } = fact;
		expect(status).toBe(fact.status);
		expect(headers["content-type"]).toMatch(/^application\/json/);
		const requestId = expect.stringMatching(/^[0-9a-f]{8}-/);
		const moment = expect.stringMatching(/Z$/);
		expect(body).toEqual({
			error,
			message,
			requestId,
			...(code === null ? { retryAfter: moment } : { code, timestamp: moment }),
		});
	}

	test("400 has no body", async () => {
		const answer = await sendV1({ serviceId: "10712" }, keyOf("unverified"));
		expect([answer.status, answer.text]).toEqual([400, ""]);
	});

	test("401 without a key", async () => {
		expectError(await sendV1(v1Submission.body), v1Errors.noCredentials);
	});

	test("409 for an address that is on the whitelist", async () => {
		expectError(
			await sendV1(bodyV1For("trusted", 0), keyOf("trusted")),
			v1Errors.alreadyOpen,
		);
	});

	test("429 for the sixth in an hour", async () => {
		db.now = new Date("2026-11-20T13:00:00.000Z");
		for (const place of [2, 3, 4, 5])
			expect(
				(await sendV1(bodyV1For("prepaid", place), keyOf("prepaid"))).status,
			).toBe(200);
		const ip6 = demo.clients.prepaid.vps[5]?.ip6;
		const fifth = { ...bodyV1For("prepaid", 5), ipAddress: ip6 };
		expect((await sendV1(fifth, keyOf("prepaid"))).status).toBe(200);
		const other = demo.clients.prepaid.vps[1]?.ip6;
		const sixth = { ...bodyV1For("prepaid", 1), ipAddress: other };
		const answer = await sendV1(sixth, keyOf("prepaid"));
		expectError(answer, v1Errors.tooMany);
		expect(answer.body).toMatchObject({
			retryAfter: "2026-11-20T14:00:00.000Z",
		});
		expect(answer.headers["retry-after"]).toBe("3600");
	});

	test("500 says nothing of the cause", async () => {
		const answer = await whileBroken(() =>
			sendV1(bodyV1For("other", 1), keyOf("other")),
		);
		expectError(answer, v1Errors.internal);
	});
});
