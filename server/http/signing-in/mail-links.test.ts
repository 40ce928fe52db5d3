/** Links by mail: asked for over HTTP, sent by the worker to a real SMTP server, opened in a browser. */
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import {
	buildServer,
	type TestServer,
	testHttpSettings,
} from "../../../test/server.ts";
import { createBrowser } from "../../../test/sign-in.ts";
import { type SmtpServer, startSmtp } from "../../../test/smtp.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import { signInJobs } from "../../domain/accounts/sign-in-jobs.ts";
import { sweepSignIns } from "../../domain/accounts/sweep-sign-ins.ts";
import { system } from "../../kernel/actor.ts";
import { createSmtp } from "../../outside/smtp.ts";
import { sql } from "../../platform/sql.ts";
import { startWorker, type Worker } from "../../platform/worker.ts";
import { faces } from "../faces.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const signingIn = { issuers: [], offersMail: true };

let server: TestServer;
let smtp: SmtpServer;
let worker: Worker;
let client: TestClient;
let refusal: string | undefined;
const failures: string[] = [];

beforeAll(async () => {
	await world.begin();
	smtp = await startSmtp({}, () => refusal);
	server = buildServer(db, faces, { signingIn });
	worker = startWorker({
		db: db.sql,
		performer: db.performer,
		handlers: signInJobs({
			mailer: createSmtp(
				`smtp://127.0.0.1:${smtp.port}`,
				"support@example.com",
			),
			publicUrl: () => testHttpSettings.publicUrl,
		}),
		concurrency: 1,
		onFailure: ({ kind }, error) => failures.push(`${kind}: ${error}`),
		onDone: () => {},
	});
});
afterAll(async () => {
	await worker.stop();
	await smtp.close();
	await server.app.close();
});
beforeEach(async () => {
	db.now = testNow;
	refusal = undefined;
	failures.length = 0;
	await db.ownerSql.run(sql`delete from sign_in_mails`);
	client = await world.addClient("prepaid");
});

const emailOf = ({ legacyId }: TestClient) => `client${legacyId}@example.com`;

let sources = 0;

/** Each time from another place, unless one is named. */
async function ask(email: unknown, app = server.app, source?: string) {
	sources += 1;
	const answer = await app.inject({
		method: "POST",
		url: "/sign-in/mail-links",
		remoteAddress: source ?? `198.51.100.${sources}`,
		payload: { email },
	});
	worker.wake();
	return answer;
}

/** Asks, and waits for the mail. */
async function mailFor(email: string) {
	const next = smtp.next();
	expect((await ask(email)).statusCode).toBe(202);
	return next;
}

/** Waits until no job is due. */
async function whenQuiet(): Promise<void> {
	worker.wake();
	await worker.idle();
}

function linksIn(text: string): string[] {
	return [
		...text.matchAll(/https:\/\/cloud\.example\.com(\/sign-in\/link\?\S+)/g),
	].map(([, path]) => path ?? "");
}

describe("a link by mail", () => {
	test("signs in whoever presses the button that it leads to, once", async () => {
		const mail = await mailFor(emailOf(client).toUpperCase());
		expect(mail.to).toEqual([emailOf(client)]);
		expect(mail.text).toContain("Your link to the support portal");
		const [link = ""] = linksIn(mail.text);
		const browser = createBrowser(server.app);
		const asked = await browser.get(link);
		expect(asked.text).toContain(`Continue as Client ${client.legacyId}?`);
		expect(browser.jar.size).toBe(0);
		expect((await browser.press(asked)).headers["location"]).toBe("/support");
		const me = await browser.get("/api/v2/session");
		expect(JSON.parse(me.text)).toMatchObject({
			id: client.id,
			session: { how: "email" },
		});
		expect((await browser.get(link)).status).toBe(410);
		expect((await createBrowser(server.app).press(asked)).status).toBe(410);
	});

	test("is not used up by scanners that follow it", async () => {
		const [link = ""] = linksIn((await mailFor(emailOf(client))).text);
		for (let i = 0; i < 3; i += 1) {
			const scanner = createBrowser(server.app);
			expect((await scanner.get(link)).status).toBe(200);
			await server.app.inject({ method: "HEAD", url: link });
			expect(scanner.jar.size).toBe(0);
		}
		const browser = createBrowser(server.app);
		expect((await browser.press(await browser.get(link))).status).toBe(303);
	});

	test("is over after fifteen minutes, and when another one was used", async () => {
		const [first = ""] = linksIn((await mailFor(emailOf(client))).text);
		const [second = ""] = linksIn((await mailFor(emailOf(client))).text);
		const browser = createBrowser(server.app);
		expect((await browser.get(first)).status).toBe(200);
		await browser.press(await browser.get(second));
		expect((await browser.get(first)).status).toBe(410);
		const [third = ""] = linksIn((await mailFor(emailOf(client))).text);
		const page = await browser.get(third);
		db.now = new Date(testNow.getTime() + 15 * 60_000);
		expect((await browser.get(third)).status).toBe(410);
		expect((await browser.press(page)).status).toBe(410);
	});

	test("speaks the language of the client", async () => {
		await db.ownerSql.run(
			sql`update clients set language_code = 'sv-SE' where id = ${client.id}`,
		);
		const { text } = await mailFor(emailOf(client));
		expect(text).toContain("supportportalen");
	});

	test("comes once with a link for each account that has the address, and for no closed one", async () => {
		const second = await world.addClient("prepaid");
		const closed = await world.addClient("prepaid");
		await closed.setStatus("closed");
		for (const { id } of [second, closed])
			await db.ownerSql.run(
				sql`update clients set email = ${emailOf(client)} where id = ${id}`,
			);
		const { text } = await mailFor(emailOf(client));
		await whenQuiet();
		expect(linksIn(text)).toHaveLength(2);
		expect(text).toContain(`Client ${second.legacyId}:`);
		expect(text).not.toContain(`Client ${closed.legacyId}:`);
	});

	test("holds no line that a name put there", async () => {
		await db.ownerSql.run(sql`
			update clients set email = ${emailOf(client)}, name = ${"Mallory\n\nhttps://evil.example"}
			where id = ${(await world.addClient("prepaid")).id}`);
		const { text } = await mailFor(emailOf(client));
		expect(text).not.toMatch(/^https:\/\/evil\.example/m);
	});
});

describe("nobody learns whose address it is", () => {
	test("the answer and what is done for it are the same", async () => {
		const rowsOf = async () => {
			const rows = await db.sql.rows(sql`
				select (select count(*) from sign_in_mails) as mails, (select max(id) from events) as event`);
			return rows[0] as { mails: number; event: number };
		};
		const seen = [];
		for (const email of [emailOf(client), "nobody@example.com"]) {
			const before = await rowsOf();
			const { statusCode, body, headers } = await server.app.inject({
				method: "POST",
				url: "/sign-in/mail-links",
				payload: { email },
			});
			const after = await rowsOf();
			const { "x-request-id": _, date: __, ...same } = headers;
			seen.push({
				statusCode,
				body,
				same,
				mails: after.mails - before.mails,
			});
		}
		expect(seen[0]).toEqual({ ...seen[1] });
		expect(seen[0]).toMatchObject({ statusCode: 202, body: "{}", mails: 1 });
		await whenQuiet();
	});

	test("nothing is mailed to whom nobody knows", async () => {
		const before = smtp.taken.length;
		await ask("nobody@example.com");
		await whenQuiet();
		expect(smtp.taken.length).toBe(before);
		expect(failures).toEqual([]);
	});

	test("the fourth request for an address is answered like the first and mails nothing, while the link of the first is good", async () => {
		const before = smtp.taken.length;
		const answers = await Promise.all(
			Array.from({ length: 10 }, () => ask(emailOf(client))),
		);
		expect(answers.map(({ statusCode }) => statusCode)).toEqual(
			Array(10).fill(202),
		);
		await whenQuiet();
		expect(smtp.taken.length - before).toBe(3);
		db.now = new Date(testNow.getTime() + 15 * 60_000 - 1);
		const [link = ""] = linksIn(smtp.taken.at(-1)?.text ?? "");
		expect((await createBrowser(server.app).get(link)).status).toBe(200);
		db.now = new Date(testNow.getTime() + 15 * 60_000);
		await mailFor(emailOf(client));
	});

	test("a source is told to wait, by how often it asked and not by what for", async () => {
		const statuses: number[] = [];
		for (let i = 0; i < 11; i += 1)
			statuses.push(
				(await ask(`nobody${i}@example.com`, server.app, "203.0.113.7"))
					.statusCode,
			);
		expect(statuses.filter((status) => status === 202)).toHaveLength(10);
		expect(statuses.at(-1)).toBe(429);
		await whenQuiet();
	});

	test("no address and no token stands in an event, an audit row, a job or a log line", async () => {
		const mail = await mailFor(emailOf(client));
		const token = /token=(\S+)/.exec(mail.text)?.[1] ?? "none";
		const rows = await db.sql.rows(sql`
			select e::text from events e union all select a::text from audit a union all select j::text from jobs j
			union all select p::text from sign_in_passes p`);
		const kept = JSON.stringify([rows, server.lines]);
		expect(kept).not.toContain(emailOf(client));
		expect(kept).not.toContain(token);
		expect(token.length).toBe(43);
	});
});

describe("what is no address", () => {
	test.each([
		"",
		"x",
		"a@b",
		"a b@example.com",
		"a@example.com\r\nBcc: b@x.se",
		7,
		null,
	])("%o is refused", async (email) => {
		const { statusCode, body } = await ask(email);
		expect(statusCode).toBe(400);
		expect(JSON.parse(body).errors[0].pointer).toBe("/email");
	});

	test("an address of another script that looks the same, or folds to the same, is nobody's", async () => {
		await ask(emailOf(client).replace("i", "ı"));
		await whenQuiet();
		expect(failures).toEqual([]);
	});
});

test("a mail server that is away for a moment delays the link, and every attempt has a link of its own", async () => {
	refusal = "not now";
	await ask(emailOf(client));
	await whenQuiet();
	expect(failures).toEqual([expect.stringContaining("not now")]);
	refusal = undefined;
	const next = smtp.next();
	await db.ownerSql.run(sql`update jobs set run_at = now() - interval '1 day'`);
	worker.wake();
	const [link = ""] = linksIn((await next).text);
	expect((await createBrowser(server.app).get(link)).status).toBe(200);
});

test("a link that would be over when it comes is not sent", async () => {
	refusal = "not now";
	await ask(emailOf(client));
	await whenQuiet();
	refusal = undefined;
	const before = smtp.taken.length;
	db.now = new Date(testNow.getTime() + 15 * 60_000);
	await db.ownerSql.run(sql`update jobs set run_at = now() - interval '1 day'`);
	await whenQuiet();
	expect(smtp.taken.length).toBe(before);
});

test("nobody gets a link where the operator does not want it, or where there can be no session", async () => {
	const off = buildServer(db, faces);
	expect((await ask(emailOf(client), off.app)).statusCode).toBe(404);
	await off.app.close();
	const plain = buildServer(db, faces, {
		signingIn,
		settings: { ...testHttpSettings, publicUrl: "http://cloud.example.com" },
	});
	const { statusCode, body } = await ask(emailOf(client), plain.app);
	expect(statusCode).toBe(403);
	expect(JSON.parse(body)).toMatchObject({ code: "sign_in_insecure" });
	await plain.app.close();
});

test("the page is told what is offered, and who is signed in", async () => {
	const browser = createBrowser(server.app);
	const state = async () =>
		JSON.parse((await browser.get("/sign-in/state")).text);
	expect(await state()).toEqual({
		signedIn: null,
		notHere: null,
		offersMail: true,
		provider: null,
		panels: [],
	});
	const [link = ""] = linksIn((await mailFor(emailOf(client))).text);
	await browser.press(await browser.get(link));
	expect(await state()).toMatchObject({ signedIn: "customer" });
});

test("what is over is swept, and what is not stays", async () => {
	await mailFor(emailOf(client));
	const counts = async () =>
		(
			await db.sql.rows(sql`
				select (select count(*) from sign_in_passes where client_id = ${client.id}) as passes,
				       (select count(*) from sign_in_mails) as mails`)
		)[0];
	await db.performer.perform(system("sweep"), sweepSignIns, {});
	expect(await counts()).toEqual({ passes: 1, mails: 1 });
	db.now = new Date(testNow.getTime() + 15 * 60_000);
	await db.performer.perform(system("sweep"), sweepSignIns, {});
	expect(await counts()).toEqual({ passes: 0, mails: 1 });
	db.now = new Date(testNow.getTime() + 60 * 60_000);
	await db.performer.perform(system("sweep"), sweepSignIns, {});
	expect(await counts()).toEqual({ passes: 0, mails: 0 });
});
