/** The first generation's support routes, fact by fact (contract 9.3, 14.50). */
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, inject } from "./answers.ts";
import { v1Submission, v1Support } from "./contract-facts.ts";
import { expectFields } from "./contract-fields.ts";
import { addKey } from "./server.ts";
import { type Member, useStage } from "./stage.ts";

const stage = useStage();
const { departments, tickets } = v1Support;
let me: Member;

beforeAll(async () => {
	me = await stage.addMember("prepaid");
});

function send(
	method: "GET" | "POST",
	url: string,
	{ body, key = me.key.text }: { body?: object; key?: string } = {},
): Promise<Answer> {
	return inject(stage.app, {
		method,
		url,
		headers: { "x-api-key": key, "content-type": "application/json" },
		...(body !== undefined && { payload: JSON.stringify(body) }),
	});
}

/** The data of a success. */
function dataOf({ status, body }: Answer): Record<string, unknown> {
	expect(status).toBe(200);
	expectFields(body, v1Submission.envelope);
	return (body as { data: Record<string, unknown> }).data;
}

async function departmentId(): Promise<unknown> {
	const data = dataOf(await send("GET", departments.path));
	return (data["departments"] as { id: unknown }[])[0]?.id;
}

const bodyFor = async () => ({
	dept_id: await departmentId(),
	subject: "Question about my hosting account",
	body: "Hello, I need help with my website.",
	priority: 1,
});

describe("departments", () => {
	test("have the documented fields, every one of them, and no other", async () => {
		const data = dataOf(await send("GET", departments.path));
		expect(Object.keys(data)).toEqual(["departments"]);
		for (const one of data["departments"] as unknown[])
			expectFields(one, departments.fields);
	});

	test("need the scope that v2 needs", async () => {
		const holder = { clientId: me.client.id };
		const key = await addKey(stage.db, holder, [departments.scope]);
		expect((await send("GET", departments.path, { key })).status).toBe(200);
	});

	test("have their texts escaped as HTML, where v2 gives them as they are", async () => {
		const text = `Bob's <br> & "more"`;
		await stage.db.pool.query(
			"update departments set description = $1 where slug = 'vps'",
			[text],
		);
		const of = async (path: string, name: string) => {
			const { body } = await send("GET", path);
			const data = (body as { data?: object }).data ?? body;
			const { departments } = data as { departments: object[] };
			return departments.map((one) => Reflect.get(one, name));
		};
		const escaped = "Bob&#39;s &lt;br&gt; &amp; &quot;more&quot;";
		expect(await of(departments.path, "description")).toContain(escaped);
		expect(await of("/api/v2/support/departments", "description")).toContain(
			text,
		);
	});
});

describe("a ticket", () => {
	test("has the panel's fields on creation and when it is read, each of its type, and no other", async () => {
		const made = dataOf(
			await send("POST", tickets.path, { body: await bodyFor() }),
		);
		expect(Object.keys(made)).toEqual(["ticket"]);
		expectFields(made["ticket"], tickets.fields);
		const { number } = made["ticket"] as { number: number };
		const read = dataOf(await send("GET", `${tickets.path}/${number}`));
		expect(read).toEqual(made);
	});

	test("is created with the four documented fields, and with no fewer", async () => {
		const body = await bodyFor();
		for (const name of tickets.required) {
			const { [name]: _, ...rest } = body;
			const answer = await send("POST", tickets.path, { body: rest });
			expect(answer).toMatchObject({
				status: 400,
				body: { code: "BAD_REQUEST", message: `\`${name}\` is required.` },
			});
		}
	});

	test("is in the list under `tickets`, beside `total`, without its body", async () => {
		const data = dataOf(await send("GET", tickets.path));
		expect(Object.keys(data)).toEqual(["tickets", "total"]);
		expect(data["total"]).toBe(1);
		const fields = tickets.fields.filter(({ name }) => name !== "body");
		for (const one of data["tickets"] as unknown[]) expectFields(one, fields);
	});

	test("is one and the same in both generations", async () => {
		const { tickets: listed } = dataOf(await send("GET", tickets.path));
		const [{ number } = { number: 0 }] = listed as { number: number }[];
		const { body } = await send("GET", `/api/v2/support/tickets/${number}`);
		expect(body).toMatchObject({
			number: String(number),
			status: "open",
			priority: "medium",
			departmentSlug: "general-web-hosting",
		});
	});
});
