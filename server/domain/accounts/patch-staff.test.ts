import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { type Actor, type StaffActor, system } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import { sql } from "../../platform/sql.ts";
import { addStaff } from "./add-staff.ts";
import { parseKey } from "./api-key.ts";
import { createApiKey } from "./create-api-key.ts";
import { findKeyActor } from "./find-key-actor.ts";
import { listStaff } from "./list-staff.ts";
import { type PatchStaff, patchStaff } from "./patch-staff.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import { type StaffRole, scopesOfRole } from "./staff.ts";

const db = useDatabase();
const cli = system("cli");

beforeEach(async () => {
	db.now = testNow;
	await db.ownerSql.run(sql`delete from staff`);
});

interface Person {
	readonly id: string;
	readonly key: string;
	readonly actor: StaffActor;
}

/** Somebody with a key of everything that the role allows. */
async function givenStaff(role: StaffRole): Promise<Person> {
	const { id, name } = await db.performer.perform(cli, addStaff, {
		name: `Ada ${role}`,
		email: null,
		role,
	});
	const scopes = scopesOfRole(role);
	const { id: keyId, key } = await db.performer.perform(cli, createApiKey, {
		holder: { staffId: id },
		name: "test",
		scopes,
		expiresAt: null,
	});
	return {
		id,
		key,
		actor: { kind: "staff", staffId: id, name, keyId, scopes },
	};
}

function patch(
	staffId: string,
	wish: Omit<PatchStaff, "staffId">,
	actor: Actor = cli,
) {
	return db.performer.perform(actor, patchStaff, { staffId, ...wish });
}

function find({ key }: Person) {
	const hash = parseKey(key)?.hash ?? "";
	return db.performer.ask(cli, findKeyActor, { hash });
}

function eventsOf(subject: string) {
	return db.sql.rows(sql`
		select e.kind, e.data, a.actor_id from events e join audit a on a.event_id = e.id
		where e.subject = ${subject} and e.kind <> 'staff.added' order by e.id`);
}

async function listed() {
	const { data } = await db.performer.ask(cli, listStaff, { limit: 100 });
	return data;
}

describe("patchStaff", () => {
	test("changes name, role and access, one event for each, without a name in it", async () => {
		const { actor } = await givenStaff("admin");
		const { id } = await givenStaff("agent");
		const patched = await patch(
			id,
			{ name: "Grace", role: "reviewer", disabled: true },
			actor,
		);
		expect(patched).toMatchObject({
			id,
			name: "Grace",
			role: "reviewer",
			disabledAt: testNow,
		});
		expect((await listed()).find((one) => one.id === id)).toEqual(patched);
		const by = { actorId: actor.staffId };
		expect(await eventsOf(id)).toEqual([
			{ kind: "staff.renamed", data: {}, ...by },
			{
				kind: "staff.role_changed",
				data: { role: "reviewer", was: "agent" },
				...by,
			},
			{ kind: "staff.disabled", data: {}, ...by },
		]);
	});

	test("shuts the keys of who is disabled, and opens them again; roles narrow them and widen them again", async () => {
		await givenStaff("admin");
		const person = await givenStaff("admin");
		await patch(person.id, { disabled: true });
		expect((await find(person))?.state.holderDisabledAt).toEqual(testNow);
		await patch(person.id, { disabled: false, role: "reviewer" });
		const found = await find(person);
		expect(found?.state.holderDisabledAt).toBeNull();
		expect(found?.actor.scopes).toEqual(["desk:review", "desk:tickets"]);
		await patch(person.id, { role: "admin" });
		expect((await find(person))?.actor.scopes).toEqual(scopesOfRole("admin"));
	});

	test("writes nothing when all is so already, and keeps the first moment of disabling", async () => {
		await givenStaff("admin");
		const { id } = await givenStaff("agent");
		await patch(id, { disabled: true });
		db.now = new Date(testNow.getTime() + 1);
		const again = await patch(id, { disabled: true, role: "agent" });
		expect(again.disabledAt).toEqual(testNow);
		await patch(id, {});
		expect(await eventsOf(id)).toHaveLength(1);
	});

	test.each<[string, Omit<PatchStaff, "staffId">]>([
		["disabled", { disabled: true }],
		["demoted", { role: "reviewer" }],
		["both", { role: "agent", disabled: true }],
	])(
		"keeps the last administrator from being %s, by anybody",
		async (_, wish) => {
			const last = await givenStaff("admin");
			const gone = await givenStaff("admin");
			await patch(gone.id, { disabled: true });
			await givenStaff("reviewer");
			for (const actor of [cli, last.actor])
				await expect(patch(last.id, wish, actor)).rejects.toMatchObject({
					code: "staff.last_admin",
				});
			expect(await eventsOf(last.id)).toEqual([]);
			await patch(last.id, { name: "Still here" });
			await patch(gone.id, { disabled: false });
			await patch(last.id, wish);
		},
	);

	test("lets one of two administrators who disable or demote each other at once, ten times over", async () => {
		for (let round = 0; round < 10; round += 1) {
			await db.ownerSql.run(sql`delete from staff`);
			const [one, two] = [await givenStaff("admin"), await givenStaff("admin")];
			const wish = round % 2 ? { disabled: true } : { role: "agent" as const };
			const results = await Promise.allSettled([
				patch(one.id, wish, two.actor),
				patch(two.id, wish, one.actor),
			]);
			const refused = results.filter(({ status }) => status === "rejected");
			expect(refused).toMatchObject([{ reason: { code: "staff.last_admin" } }]);
			const admins = (await listed()).filter(
				({ role, disabledAt }) => role === "admin" && disabledAt === null,
			);
			expect(admins).toHaveLength(1);
		}
	});

	test("listens to nobody who was disabled, demoted or lost the key a moment ago", async () => {
		await givenStaff("admin");
		const target = await givenStaff("agent");
		const promote = (actor: Actor) =>
			patch(target.id, { role: "admin" }, actor);
		const disabled = await givenStaff("admin");
		await patch(disabled.id, { disabled: true });
		await expect(promote(disabled.actor)).rejects.toMatchObject({
			code: "auth.required",
		});
		const demoted = await givenStaff("admin");
		await patch(demoted.id, { role: "reviewer" });
		await expect(promote(demoted.actor)).rejects.toMatchObject({
			code: "auth.forbidden",
		});
		const keyless = await givenStaff("admin");
		const { keyId } = keyless.actor;
		await db.performer.perform(cli, revokeApiKey, { keyId });
		await expect(promote(keyless.actor)).rejects.toMatchObject({
			code: "auth.required",
		});
		expect(await eventsOf(target.id)).toEqual([]);
	});

	test.each([
		["blank", "\u200b "],
		["too long", "a".repeat(101)],
		["with NUL", "a\0"],
	])("refuses a name that is %s", async (_, name) => {
		const { id } = await givenStaff("agent");
		await expect(patch(id, { name })).rejects.toMatchObject({
			code: "request.invalid",
			faults: [{ pointer: "/name" }],
		});
	});

	test("refuses staff that does not exist, and everybody who is no administrator", async () => {
		const reviewer = await givenStaff("reviewer");
		for (const id of [newId("staff", testNow), "staff_1\0", ""])
			await expect(patch(id, {})).rejects.toMatchObject({
				code: "resource.not_found",
			});
		await expect(
			patch(reviewer.id, { role: "admin" }, reviewer.actor),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});

describe("listStaff", () => {
	test("gives everybody page by page, newest first, the disabled too", async () => {
		const ids: string[] = [];
		for (let i = 0; i < 5; i += 1) {
			db.now = new Date(testNow.getTime() + i);
			ids.unshift((await givenStaff("agent")).id);
		}
		await patch(ids[1] ?? "", { disabled: true });
		const seen: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await db.performer.ask(cli, listStaff, { limit: 2, cursor });
			seen.push(...page.data.map(({ id }) => id));
			cursor = page.nextCursor ?? undefined;
		} while (cursor !== undefined);
		expect(seen).toEqual(ids);
	});

	test("refuses a cursor it did not give, and everybody who is no administrator", async () => {
		await expect(
			db.performer.ask(cli, listStaff, { limit: 1, cursor: "x" }),
		).rejects.toMatchObject({ code: "request.cursor_invalid" });
		const { actor } = await givenStaff("reviewer");
		await expect(
			db.performer.ask(actor, listStaff, { limit: 1 }),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});
