/** What opening a ticket and replying cost the database (decision 18): one statement beside begin, outbox and commit. */
import { beforeAll, expect, test } from "vitest";
import { type Answer, inject } from "./answers.ts";
import { type Member, useStage } from "./stage.ts";
import { open, words } from "./tickets.ts";

const stage = useStage();
let member: Member;

beforeAll(async () => {
	member = await stage.addMember("prepaid");
});

function post(path: string, payload: object): Promise<Answer> {
	return inject(stage.app, {
		method: "POST",
		url: `/api/v2/support/tickets${path}`,
		headers: { authorization: `Bearer ${member.key.text}` },
		payload,
	});
}

/** The statements of the transaction, but for what every request asks before it. */
async function statementsOf(send: () => Promise<Answer>): Promise<string[]> {
	// The key and the limits are asked for the first time.
	await send();
	stage.takeStatements();
	const { status } = await send();
	expect(status).toBe(201);
	const all = stage.takeStatements();
	return all.slice(all.findIndex((text) => text.startsWith("begin")));
}

const outbox = /insert into audit/;

test("opening a ticket about a service looks everything up and writes in one statement", async () => {
	const statements = await statementsOf(() =>
		post("", {
			departmentSlug: "vps",
			subject: words.subject,
			message: words.message,
			context: { serviceId: member.vps.id },
		}),
	);
	expect(statements).toEqual([
		expect.stringMatching(/^begin/),
		expect.stringMatching(/insert into tickets/),
		expect.stringMatching(outbox),
		"commit",
	]);
});

test("a reply changes its ticket and writes in one statement, and binds files in another that travels with it", async () => {
	const { id } = await open(stage, member);
	const statements = await statementsOf(() =>
		post(`/${id}/messages`, { message: words.reply }),
	);
	expect(statements).toEqual([
		expect.stringMatching(/^begin/),
		expect.stringMatching(/insert into ticket_messages/),
		expect.stringMatching(/attachments/),
		expect.stringMatching(outbox),
		"commit",
	]);
});

test("a ticket is read with all that was said in one statement", async () => {
	const { id } = await open(stage, member);
	const read = () =>
		inject(stage.app, {
			method: "GET",
			url: `/api/v2/support/tickets/${id}`,
			headers: { authorization: `Bearer ${member.key.text}` },
		});
	await read();
	stage.takeStatements();
	expect((await read()).status).toBe(200);
	const statements = stage
		.takeStatements()
		.filter((text) => /\bfrom tickets\b/.test(text));
	expect(statements).toHaveLength(1);
});
