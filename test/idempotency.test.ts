/** A repeated POST has its effect once. */
import { describe, expect, test } from "vitest";
import { newId } from "../server/kernel/id.ts";
import { inject } from "./answers.ts";
import { testNow } from "./db.ts";
import { playScenarios } from "./scenario.ts";
import { idempotencyRows } from "./scenarios/idempotency.ts";
import { submitV2 } from "./scenarios/v2-port25.ts";
import { type Member, reason, useStage } from "./stage.ts";
import { open } from "./tickets.ts";

const stage = useStage();

playScenarios(stage, idempotencyRows);

function submitOnce(member: Member, key: string) {
	const [method, url] = submitV2.split(" ") as ["POST", string];
	return inject(stage.app, {
		method,
		url,
		headers: {
			authorization: `Bearer ${member.key.text}`,
			"idempotency-key": key,
		},
		payload: { vpsId: member.vps.id, reason },
	});
}

async function requestsOf({ client }: Member): Promise<number> {
	const { rows } = await stage.db.pool.query(
		"select id from port25_requests where client_id = $1",
		[client.id],
	);
	return rows.length;
}

describe("an Idempotency-Key that is in use", () => {
	test("refuses the repeat while the first is running, and replays it afterwards", async () => {
		const member = await stage.addMember("prepaid");
		const holder = await stage.db.pool.connect();
		try {
			await holder.query("begin");
			await holder.query("select from clients where id = $1 for update", [
				member.client.id,
			]);
			// The first has the key when it asks for the client, and waits there.
			const waits = stage.whenRunning("from clients");
			const first = submitOnce(member, '"busy"');
			await waits;
			const second = await submitOnce(member, '"busy"');
			expect(second).toMatchObject({
				status: 409,
				body: { code: "idempotency_key_in_use" },
			});
			await holder.query("rollback");
			expect((await first).status).toBe(201);
		} finally {
			holder.release();
		}
		const third = await submitOnce(member, '"busy"');
		expect(third.status).toBe(201);
		expect(third.headers["idempotency-replayed"]).toBe("true");
		expect(await requestsOf(member)).toBe(1);
	});

	test("makes one request of many at once, each a replay or told to wait", async () => {
		const member = await stage.addMember("prepaid");
		const answers = await Promise.all(
			Array.from({ length: 20 }, () => submitOnce(member, '"many"')),
		);
		const made = answers.filter(
			({ status, headers }) =>
				status === 201 && headers["idempotency-replayed"] === undefined,
		);
		expect(made).toHaveLength(1);
		for (const { status, body } of answers)
			expect(status === 201 ? body : (body as { code: string }).code).toEqual(
				status === 201 ? made[0]?.body : "idempotency_key_in_use",
			);
		expect(await requestsOf(member)).toBe(1);
	});
});

describe("a sensitive reply with an Idempotency-Key", () => {
	async function replyOnce(member: Member, ticket: string, message: string) {
		return inject(stage.app, {
			method: "POST",
			url: `/api/v2/support/tickets/${ticket}/messages`,
			headers: {
				authorization: `Bearer ${member.key.text}`,
				"idempotency-key": '"sensitive"',
			},
			payload: { message, encrypted: true },
		});
	}

	async function kept({ client }: Member): Promise<string> {
		const { rows } = await stage.db.pool.query<{ bodyDigest: string }>(
			`select body_digest as "bodyDigest" from idempotency_keys where scope like $1`,
			[`${client.id} %`],
		);
		return rows.map(({ bodyDigest }) => bodyDigest).join();
	}

	test("is replayed, and another text under the same key is told apart", async () => {
		const member = await stage.addMember("prepaid");
		const { id } = await open(stage, member);
		const first = await replyOnce(member, id, "4711");
		const again = await replyOnce(member, id, "4711");
		expect(again).toMatchObject({ status: 201, body: first.body });
		expect(again.headers["idempotency-replayed"]).toBe("true");
		const other = await replyOnce(member, id, "4712");
		expect(other).toMatchObject({
			status: 422,
			body: { code: "idempotency_key_reused" },
		});
		// A four-digit text could be guessed from its HMAC and the key beside it.
		expect(await kept(member)).toMatch(/^sealed:[\w+/=]{200,}$/);
	});

	test("keeps its refusals the same way", async () => {
		const member = await stage.addMember("prepaid");
		const absent = newId("tkt", testNow);
		expect((await replyOnce(member, absent, "4711")).status).toBe(404);
		expect((await replyOnce(member, absent, "4711")).status).toBe(404);
		expect((await replyOnce(member, absent, "4712")).status).toBe(422);
		expect(await kept(member)).toMatch(/^sealed:/);
	});
});
