import { describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { addStaff, type NewStaff } from "./add-staff.ts";
import { createApiKey } from "./create-api-key.ts";
import { scopesOfRole } from "./staff.ts";

const db = useDatabase();

function add(input: Partial<NewStaff>, actor: Actor = system("cli")) {
	return db.performer.perform(actor, addStaff, {
		name: "Ada Lovelace",
		email: null,
		role: "agent",
		...input,
	});
}

describe("addStaff", () => {
	test("adds somebody, with an event that names only the role", async () => {
		const staff = await add({ email: "ada@example.com", role: "reviewer" });
		expect(staff).toMatchObject({
			name: "Ada Lovelace",
			email: "ada@example.com",
			role: "reviewer",
			disabledAt: null,
			createdAt: testNow,
		});
		const events = await db.sql.rows(
			sql`select kind, client_id, data from events where subject = ${staff.id}`,
		);
		expect(events).toEqual([
			{ kind: "staff.added", clientId: null, data: { role: "reviewer" } },
		]);
	});

	test("refuses an e-mail address that somebody has in another case, and knows several without one", async () => {
		await add({ email: "Grace@example.com" });
		await expect(add({ email: "grace@EXAMPLE.com" })).rejects.toMatchObject({
			code: "request.invalid",
			faults: [{ pointer: "/email" }],
		});
		const [one, other] = [await add({}), await add({})];
		expect(one.id).not.toBe(other.id);
	});

	test.each<[Partial<NewStaff>, string]>([
		[{ name: "" }, "/name"],
		[{ name: "a\0" }, "/name"],
		[{ email: "ada" }, "/email"],
		[{ email: "ada@example.com\nbcc: eve@example.com" }, "/email"],
		[{ email: `${"a".repeat(250)}@b.se` }, "/email"],
	])("refuses %j", async (input, pointer) => {
		await expect(add(input)).rejects.toMatchObject({
			code: "request.invalid",
			faults: [{ pointer }],
		});
	});

	test("is for the system and administrators", async () => {
		const colleague: Actor = {
			kind: "staff",
			staffId: "staff_1",
			name: "Bo",
			keyId: "key_1",
			scopes: ["desk:review"],
		};
		await expect(add({}, colleague)).rejects.toMatchObject({
			code: "auth.forbidden",
		});
		// A key that the database does not know, or not any more.
		const admin = { ...colleague, scopes: ["desk:admin"] };
		await expect(add({}, admin)).rejects.toMatchObject({
			code: "auth.required",
		});
		const { id: staffId } = await add({ role: "admin" });
		const { id: keyId } = await db.performer.perform(
			system("cli"),
			createApiKey,
			{
				holder: { staffId },
				name: "test",
				scopes: ["desk:admin"],
				expiresAt: null,
			},
		);
		expect((await add({}, { ...admin, staffId, keyId })).role).toBe("agent");
	});
});

describe("scopesOfRole", () => {
	test("widens from agent to reviewer to admin", () => {
		const [agent, reviewer, admin] = [
			scopesOfRole("agent"),
			scopesOfRole("reviewer"),
			scopesOfRole("admin"),
		];
		expect(reviewer).toEqual(expect.arrayContaining([...agent]));
		expect(admin).toEqual(expect.arrayContaining([...reviewer]));
		expect(agent).not.toContain("desk:review");
		expect(reviewer).not.toContain("desk:admin");
	});
});
