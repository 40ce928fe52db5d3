import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { type CustomerActor, system } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import type { Page } from "../../kernel/page.ts";
import { saveClient } from "../accounts/save-client.ts";
import { getVps } from "./get-vps.ts";
import { listDomains } from "./list-domains.ts";
import { listHosting } from "./list-hosting.ts";
import { type ListVpsInput, listVps } from "./list-vps.ts";
import { saveService } from "./save-service.ts";
import type { ServiceKind } from "./service.ts";

const db = useDatabase();
const billing = system("billing");
let anna: CustomerActor;
let bert: CustomerActor;

async function addClient(legacyId: number): Promise<CustomerActor> {
	const { id } = await db.performer.perform(billing, saveClient, {
		legacyId,
		status: "active",
	});
	return { kind: "customer", clientId: id, keyId: "key_x", scopes: [] };
}

/** Each a millisecond after the one before, so that their order is known. */
async function addService(
	kind: ServiceKind,
	clientLegacyId: number,
	n: number,
) {
	db.now = new Date(db.now.getTime() + 1);
	await db.performer.perform(billing, saveService, {
		kind,
		legacyId: clientLegacyId * 100 + n,
		clientLegacyId,
		name: `Name-${n}.example`,
		status: "active",
		...(kind === "vps" && {
			addresses: [
				`192.0.2.${clientLegacyId * 50 + n}`,
				`2001:db8:${clientLegacyId}::${n}`,
			],
		}),
	});
}

beforeAll(async () => {
	anna = await addClient(1);
	bert = await addClient(2);
	for (let n = 1; n <= 7; n += 1) await addService("vps", 1, n);
	for (let n = 1; n <= 3; n += 1) await addService("vps", 2, n);
	for (let n = 1; n <= 3; n += 1) await addService("hosting", 1, n);
	for (let n = 1; n <= 3; n += 1) await addService("domain", 1, n);
	db.now = testNow;
});

function ask(actor: CustomerActor, input: ListVpsInput) {
	return db.performer.ask(actor, listVps, input);
}

function names(page: Page<{ readonly name: string }>): string[] {
	return page.data.map(({ name }) => name);
}

describe("a list of services", () => {
	test("gives the newest first, a page after the other, each once", async () => {
		const first = await ask(anna, { limit: 3 });
		expect(names(first)).toEqual([
			"Name-7.example",
			"Name-6.example",
			"Name-5.example",
		]);
		const second = await ask(anna, {
			limit: 3,
			cursor: first.nextCursor ?? "",
		});
		expect(names(second)).toEqual([
			"Name-4.example",
			"Name-3.example",
			"Name-2.example",
		]);
		const third = await ask(anna, {
			limit: 3,
			cursor: second.nextCursor ?? "",
		});
		expect(names(third)).toEqual(["Name-1.example"]);
		expect(third.nextCursor).toBeNull();
	});

	test("ends without a cursor when the last page is full", async () => {
		expect((await ask(anna, { limit: 7 })).nextCursor).toBeNull();
		expect((await ask(anna, { limit: 6 })).nextCursor).not.toBeNull();
	});

	test("shows nobody another client's", async () => {
		const page = await ask(bert, { limit: 100 });
		expect(page.data).toHaveLength(3);
		expect(page.data.every(({ clientId }) => clientId === bert.clientId)).toBe(
			true,
		);
		expect(
			(await ask(bert, { limit: 100, primaryIp: "192.0.2.51" })).data,
		).toEqual([]);
	});

	test("finds a name in any case, and only the whole of it", async () => {
		expect(
			names(await ask(anna, { limit: 9, name: "NAME-3.EXAMPLE" })),
		).toEqual(["Name-3.example"]);
		expect((await ask(anna, { limit: 9, name: "Name-3" })).data).toEqual([]);
		expect((await ask(anna, { limit: 9, name: "%" })).data).toEqual([]);
	});

	test("finds a primary address, not just any address", async () => {
		expect(
			names(await ask(anna, { limit: 9, primaryIp: "192.0.2.54" })),
		).toEqual(["Name-4.example"]);
		expect(
			(await ask(anna, { limit: 9, primaryIp: "2001:db8:1::4" })).data,
		).toEqual([]);
	});

	test("refuses a cursor of another client, list or filter, and anything else", async () => {
		const { nextCursor } = await ask(anna, { limit: 2 });
		const cursor = nextCursor ?? "";
		const refused = { code: "request.cursor_invalid" };
		await expect(ask(bert, { limit: 2, cursor })).rejects.toMatchObject(
			refused,
		);
		await expect(
			ask(anna, { limit: 2, cursor, name: "x" }),
		).rejects.toMatchObject(refused);
		await expect(ask(anna, { limit: 2, cursor: "" })).rejects.toMatchObject(
			refused,
		);
		await expect(
			db.performer.ask(anna, listDomains, { limit: 2, cursor }),
		).rejects.toMatchObject(refused);
		await expect(
			db.performer.ask(anna, listHosting, { limit: 2, cursor: `${cursor}A` }),
		).rejects.toMatchObject(refused);
		await expect(ask(anna, { limit: 5, cursor })).resolves.toBeDefined();
	});

	test("holds its own kind only", async () => {
		const hosting = await db.performer.ask(anna, listHosting, { limit: 100 });
		const domains = await db.performer.ask(anna, listDomains, { limit: 1000 });
		expect(hosting.data.map(({ kind }) => kind)).toEqual([
			"hosting",
			"hosting",
			"hosting",
		]);
		expect(domains.data.map(({ kind }) => kind)).toEqual([
			"domain",
			"domain",
			"domain",
		]);
		const one = await db.performer.ask(anna, listDomains, {
			limit: 9,
			name: "name-2.example",
		});
		expect(names(one)).toEqual(["Name-2.example"]);
	});

	test("is for customers only", async () => {
		await expect(
			db.performer.ask(billing, listVps, { limit: 1 }),
		).rejects.toMatchObject({
			code: "auth.forbidden",
		});
	});
});

describe("getVps", () => {
	test("gives one's own", async () => {
		const [vps] = (await ask(anna, { limit: 1 })).data;
		expect(await db.performer.ask(anna, getVps, { id: vps?.id ?? "" })).toEqual(
			vps,
		);
	});

	test("refuses another client's, a missing one, another kind and no id at all alike", async () => {
		const [foreign] = (await ask(bert, { limit: 1 })).data;
		const [domain] = (await db.performer.ask(anna, listDomains, { limit: 1 }))
			.data;
		const ids = [
			foreign?.id ?? "",
			domain?.id ?? "",
			newId("vps", testNow),
			"192.0.2.51",
			"vps_",
			"vps_\0",
			"",
		];
		const refusals = await Promise.allSettled(
			ids.map((id) => db.performer.ask(anna, getVps, { id })),
		);
		for (const refusal of refusals)
			expect(refusal).toMatchObject({
				status: "rejected",
				reason: { code: "vps.not_found", faults: [] },
			});
	});
});
