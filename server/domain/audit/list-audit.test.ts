import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createWorld } from "../../../test/world.ts";
import { type StaffActor, system } from "../../kernel/actor.ts";
import { saveSite } from "../allowlist/save-site.ts";
import { readRequest } from "../port25/read-request.ts";
import { rejectRequest } from "../port25/reject-request.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { type AuditListInput, listAudit } from "./list-audit.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

const minute = 60_000;
const minutesOn = (minutes: number) =>
	new Date(testNow.getTime() + minutes * minute);

let done: {
	readonly admin: StaffActor;
	readonly clientId: string;
	readonly requestId: string;
};

beforeAll(async () => {
	await world.begin();
	const admin = await world.addReviewer();
	const client = await world.addClient("prepaid");
	const vps = await client.addVps();
	db.now = minutesOn(10);
	const { id } = await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
	db.now = minutesOn(20);
	await db.performer.perform(admin, readRequest, { id });
	db.now = minutesOn(30);
	await db.performer.perform(admin, rejectRequest, { id, reason: "No." });
	db.now = minutesOn(40);
	await db.performer.perform(system("cli"), saveSite, {
		id: "late",
		prefixes: [],
	});
	done = { admin, clientId: client.id, requestId: id };
});

function list(input: Partial<AuditListInput> = {}) {
	return db.performer.ask(done.admin, listAudit, { limit: 100, ...input });
}

async function kinds(input: Partial<AuditListInput>) {
	return (await list(input)).data.map(({ kind }) => kind);
}

describe("listAudit", () => {
	test("says who did what to which thing, the newest first", async () => {
		const { data } = await list({ subject: done.requestId });
		expect(data).toEqual([
			{
				at: minutesOn(30),
				stream: expect.any(String),
				seq: expect.any(Number),
				actorKind: "staff",
				actorId: done.admin.staffId,
				keyId: done.admin.keyId,
				sessionId: null,
				verb: "reject-request",
				kind: "port25.rejected",
				subject: done.requestId,
				clientId: done.clientId,
				eventId: expect.any(Number),
				data: {},
			},
			expect.objectContaining({
				verb: "read-request",
				kind: "port25.read_by_staff",
				clientId: null,
			}),
			expect.objectContaining({
				actorKind: "customer",
				actorId: done.clientId,
				kind: "port25.requested",
				data: expect.objectContaining({ verdict: "review" }),
			}),
		]);
	});

	test.each<[string, () => Partial<AuditListInput>, readonly string[]]>([
		[
			"a member of staff",
			() => ({ actor: done.admin.staffId }),
			["port25.rejected", "port25.read_by_staff"],
		],
		["a client", () => ({ actor: done.clientId }), ["port25.requested"]],
		["a part of the system", () => ({ actor: "cli" }), ["site.saved"]],
		["nobody", () => ({ actor: "staff_x" }), []],
		[
			"a kind",
			() => ({ kind: "port25.read_by_staff" }),
			["port25.read_by_staff"],
		],
		["a verb", () => ({ verb: "reject-request" }), ["port25.rejected"]],
		[
			"a span of time",
			() => ({ since: minutesOn(20), until: minutesOn(40) }),
			["port25.rejected", "port25.read_by_staff"],
		],
		[
			"a moment and all after",
			() => ({ since: minutesOn(40) }),
			["site.saved"],
		],
		[
			"all at once",
			() => ({
				actor: done.admin.staffId,
				subject: done.requestId,
				kind: "port25.rejected",
				verb: "reject-request",
				since: minutesOn(0),
				until: minutesOn(60),
			}),
			["port25.rejected"],
		],
	])("narrows to %s", async (_, input, expected) => {
		expect(await kinds(input())).toEqual(expected);
	});

	test("gives every row once, page by page", async () => {
		const all = (await list()).data.map(({ eventId }) => eventId);
		expect(all.length).toBeGreaterThan(6);
		const paged: number[] = [];
		let cursor: string | undefined;
		do {
			const page = await list({ limit: 2, cursor });
			paged.push(...page.data.map(({ eventId }) => eventId));
			cursor = page.nextCursor ?? undefined;
		} while (cursor !== undefined);
		expect(paged).toEqual(all);
	});

	test("takes no cursor of another filter", async () => {
		const { nextCursor: cursor } = await list({ limit: 1 });
		for (const other of [
			{ actor: "cli" },
			{ subject: "x" },
			{ kind: "site.saved" },
			{ verb: "save-site" },
			{ since: minutesOn(0) },
			{ until: minutesOn(0) },
		])
			await expect(
				list({ ...other, cursor: cursor ?? undefined }),
			).rejects.toMatchObject({ code: "request.cursor_invalid" });
	});

	test("is for administrators only", async () => {
		await expect(
			db.performer.ask(
				{ ...done.admin, scopes: ["desk:review", "desk:inventory"] },
				listAudit,
				{ limit: 1 },
			),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});
