/** Two reviewers act on the same thing at the same moment, through the door that they use. */
import { beforeAll, describe, expect, test } from "vitest";
import { scopes } from "../server/kernel/actor.ts";
import { inject } from "./answers.ts";
import { expectInvariants } from "./deltas.ts";
import { type Key, type Member, useStage } from "./stage.ts";

const stage = useStage();
let keys: readonly [Key, Key];

beforeAll(async () => {
	const other = await stage.world.addReviewer();
	keys = [
		stage.staff.key,
		await stage.addKey({ staffId: other.staffId }, scopes.staff),
	];
});

function post(key: Key, path: string, body: object) {
	return inject(stage.app, {
		method: "POST",
		url: `/api/desk/${path}`,
		headers: { authorization: `Bearer ${key.text}` },
		payload: body,
	});
}

const note = "Both at once.";
const requests = "port25-requests/{id}/actions";
const entries = "allowlist/{id}/actions";

async function pending(member: Member) {
	return (await stage.submit(member)).id;
}

async function approved(member: Member) {
	const id = await pending(member);
	await post(keys[0], `port25-requests/${id}/actions/approve`, {});
	return id;
}

async function open({ vps }: Member) {
	const { body } = await post(keys[0], "allowlist", {
		ipAddress: vps.ip,
		note,
	});
	return (body as { id: string }).id;
}

async function suspended(member: Member) {
	const id = await open(member);
	await post(keys[0], `allowlist/${id}/actions/suspend`, { reason: note });
	return id;
}

describe("of two at once one wins and the other gets 409", () => {
	test.each([
		["approve", "approve", requests, pending, "port25_request_not_pending"],
		["approve", "reject", requests, pending, "port25_request_not_pending"],
		["reject", "reject", requests, pending, "port25_request_not_pending"],
		["reopen", "reopen", requests, approved, "port25_request_not_decided"],
		["suspend", "suspend", entries, open, "allowlist_entry_state"],
		["resume", "resume", entries, suspended, "allowlist_entry_state"],
		["revoke", "revoke", entries, open, "allowlist_entry_state"],
	] as const)("%s and %s", async (one, other, path, given, code) => {
		for (let round = 0; round < 5; round += 1) {
			const id = await given(await stage.addMember("prepaid"));
			const act = (key: Key, action: string) =>
				post(
					key,
					`${path.replace("{id}", id)}/${action}`,
					["approve", "resume"].includes(action) ? {} : { reason: note },
				);
			const answers = await Promise.all([
				act(keys[0], one),
				act(keys[1], other),
			]);
			expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
			expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
				code,
			});
		}
		await expectInvariants(stage.db.sql);
	});
});
