/** Signing in to the pages at /support, in a real browser: from a panel, with a link of the demo, with a link by mail. */
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { handoverToken, pair } from "../sign-in.ts";
import { type SmtpServer, startSmtp } from "../smtp.ts";
import { hasBrowser, useBrowser, type Visit } from "./browser.ts";
import { bringAxe, faultsOn } from "./portal-pages.ts";
import { readDemo, type Server, useProcesses } from "./postern-process.ts";

const processes = useProcesses();
const browser = useBrowser();
let server: Server;
let smtp: SmtpServer;
let panel: HttpServer;
let panelUrl: string;
let legacyId: number;

/** What the panel sends when somebody clicks; set by each test. */
let token = "";

beforeAll(async () => {
	if (!hasBrowser) return;
	smtp = await startSmtp();
	panel = createServer((_request, response) => {
		response.setHeader("content-type", "text/html; charset=utf-8");
		response.end(`<!doctype html><title>My pages</title>
			<form method="post" action="${server.url}/sign-in/handover">
			<input type="hidden" name="token" value="${token}"><button>Support</button></form>`);
	});
	await new Promise<void>((done) => panel.listen(0, "127.0.0.1", done));
	// Another host for the browser than that of the server: what comes from there comes from elsewhere.
	panelUrl = `http://localhost:${(panel.address() as AddressInfo).port}`;
	server = await processes.serve({
		POSTERN_DATA_DIR: processes.newDataDir(),
		POSTERN_EMAIL_SIGN_IN: "on",
		SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
		POSTERN_MAIL_FROM: "Support <support@example.com>",
		POSTERN_HANDOVER_ISSUERS: JSON.stringify([
			{
				issuer: "panel",
				name: "My pages",
				url: panelUrl,
				algorithm: "EdDSA",
				publicKey: pair.publicKey.export({ type: "spki", format: "pem" }),
			},
		]),
	});
	legacyId = (await readDemo(server.dataDir)).clients.trusted.legacyId;
});
afterAll(async () => {
	if (!hasBrowser) return;
	await smtp.close();
	await new Promise<void>((done) => panel.close(() => done()));
});

/** As the panel makes it at the moment of the click. */
async function newToken(change: Record<string, unknown> = {}): Promise<void> {
	const now = Math.floor(Date.now() / 1000);
	token = await handoverToken(legacyId, {
		aud: server.url,
		iat: now,
		exp: now + 60,
		...change,
	});
}

async function openSignIn(visit: Visit = {}) {
	const opened = await browser.open(visit);
	await opened.page.goto(`${server.url}/support`);
	await opened.page
		.getByRole("heading", { level: 1, name: /^(Sign in|Logga in)$/ })
		.waitFor();
	return opened;
}

/** From the sign-in page over the panel, up to the question. */
async function comeFromPanel(page: Page): Promise<void> {
	await newToken();
	await page
		.getByRole("link", { name: /(Sign in|Logga in) (from|från)/ })
		.click();
	await page.getByRole("button", { name: "Support" }).click();
	await page
		.getByRole("heading", { name: /(Continue|Fortsätta) .*Northern Mail AB/ })
		.waitFor();
}

async function comeIn(page: Page): Promise<void> {
	await comeFromPanel(page);
	await page.getByRole("button", { name: /^(Continue|Fortsätt)$/ }).click();
	await overview(page);
}

async function overview(page: Page): Promise<void> {
	await page
		.getByRole("heading", { level: 1, name: /^(Overview|Översikt)$/ })
		.waitFor();
}

async function demoLinks(): Promise<{ customer: string; staff: string }> {
	const { stdout, stderr, code } = await processes.run(["demo", "sign-in"], {
		POSTERN_DATA_DIR: server.dataDir,
	});
	expect(code, stderr).toBe(0);
	const found = (who: string) =>
		new RegExp(`^${who}\\s+(http\\S+)$`, "m").exec(stdout)?.[1] ?? "";
	return { customer: found("trusted"), staff: found("staff") };
}

describe.skipIf(!hasBrowser)("signing in", () => {
	test("comes from the panel, stays over a reload, and is over after signing out", async () => {
		const { page, errors } = await openSignIn();
		await comeIn(page);
		await page.reload();
		await overview(page);
		await page.getByRole("link", { name: "Northern Mail AB" }).waitFor();
		const cookies = await page.context().cookies();
		expect(
			cookies.map(({ name, httpOnly, sameSite }) => ({
				name: name.replace(/\d+$/, "PORT"),
				httpOnly,
				sameSite,
			})),
		).toEqual([
			{ name: "postern_session_PORT", httpOnly: true, sameSite: "Lax" },
			{ name: "postern_csrf_PORT", httpOnly: false, sameSite: "Lax" },
		]);
		// A change in the session, by the page itself.
		await page.getByRole("link", { name: "New ticket" }).click();
		await page.getByLabel("Subject").fill("From the panel");
		await page.getByLabel("Message").fill("It works.");
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page.getByRole("heading", { name: "From the panel" }).waitFor();
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
		await page.reload();
		await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
		expect(await page.context().cookies()).toEqual([]);
		expect(errors).toEqual([]);
	});

	test("asks before it signs in as somebody else, and a bad token leaves everything as it was", async () => {
		const { page } = await openSignIn();
		await comeIn(page);
		await newToken({ aud: "https://other.example.com" });
		await page.goto(panelUrl);
		await page.getByRole("button", { name: "Support" }).click();
		await page
			.getByRole("heading", { name: "The hand-over was refused" })
			.waitFor();
		await page.goto(`${server.url}/support`);
		await overview(page);
	});

	test("works with the links of the demo, once, after a button was pressed", async () => {
		const { customer, staff } = await demoLinks();
		const { page, errors } = await browser.open();
		await page.goto(customer);
		await page.goto(customer);
		await page.getByRole("button", { name: "Continue" }).click();
		await overview(page);
		const again = await page.goto(customer);
		expect(again?.status()).toBe(410);
		await page.getByRole("heading", { name: "This link is over" }).waitFor();
		errors.length = 0;
		await page.goto(staff);
		await page.getByRole("button", { name: "Continue" }).click();
		await page.waitForURL(/\/(desk|sign-in\/done)/);
		await page.goto(`${server.url}/support`);
		await page
			.getByRole("heading", { name: "You are signed in as staff" })
			.waitFor();
		const desk = await page.goto(`${server.url}/api/desk/session`);
		expect(await desk?.json()).toMatchObject({
			kind: "staff",
			session: { how: "demo" },
		});
	});

	test("works with a link by mail, opened beside the page that asked for it, which goes on by itself", async () => {
		const { page, errors } = await openSignIn();
		const mail = smtp.next();
		await page.getByLabel("E-mail address").fill("trusted@demo.example");
		await page.getByRole("button", { name: "Send me a link" }).click();
		await page.getByRole("status").getByText("a link is on its way").waitFor();
		const link = /http:\S+/.exec((await mail).text)?.[0] ?? "";
		const other = await page.context().newPage();
		await other.goto(link);
		await other.getByRole("button", { name: "Continue" }).click();
		await overview(other);
		await other.close();
		await page.bringToFront();
		await page.evaluate("dispatchEvent(new Event('focus'))");
		await overview(page);
		expect(errors).toEqual([]);
	});

	test("says what is no address, and the same of every other one", async () => {
		const { page } = await openSignIn();
		await page.getByLabel("E-mail address").fill("nobody");
		await page.getByRole("button", { name: "Send me a link" }).click();
		await page.getByText("This is no e-mail address.").waitFor();
		await page.getByLabel("E-mail address").fill("nobody@demo.example");
		await page.getByRole("button", { name: "Send me a link" }).click();
		await page.getByRole("status").getByText("a link is on its way").waitFor();
	});
});

describe.skipIf(!hasBrowser)("a session", () => {
	test("that ends somewhere else is over here, and after signing in again one is where one was, with what one typed", async () => {
		const { page } = await openSignIn();
		await comeIn(page);
		await page.getByRole("link", { name: "New ticket" }).click();
		await page.getByLabel("Subject").fill("Half a ticket");
		await page.getByLabel("Message").fill("And then the session ended");
		const elsewhere = await browser.open();
		await elsewhere.page.goto((await demoLinks()).customer);
		await elsewhere.page.getByRole("button", { name: "Continue" }).click();
		await overview(elsewhere.page);
		await elsewhere.page
			.getByRole("link", { name: "Northern Mail AB" })
			.click();
		await elsewhere.page
			.getByRole("button", { name: "End all others" })
			.click();
		await page.getByText("Your session has ended.").waitFor();
		await comeFromPanel(page);
		await page.getByRole("button", { name: "Continue" }).click();
		await page.waitForURL(/\/support\/tickets\/new$/);
		expect(await page.getByLabel("Subject").inputValue()).toBe("Half a ticket");
		expect(await page.getByLabel("Message").inputValue()).toBe(
			"And then the session ended",
		);
	});

	test("changes nothing for somebody else who signed in beside it", async () => {
		const { page } = await openSignIn();
		await comeIn(page);
		await page.getByRole("link", { name: "New ticket" }).click();
		await page.getByLabel("Subject").fill("Mine");
		await page.getByLabel("Message").fill("Not theirs");
		// Another account, in the same browser.
		const other = await page.context().newPage();
		const mail = smtp.next();
		await other.goto(`${server.url}/sign-in/state`);
		await other.evaluate(`fetch("/sign-in/mail-links", {
			method: "POST", headers: { "content-type": "application/json" },
			body: JSON.stringify({ email: "other@demo.example" }) })`);
		await other.goto(/http:\S+/.exec((await mail).text)?.[0] ?? "");
		await other.getByRole("button", { name: "Continue" }).click();
		await overview(other);
		await page
			.getByRole("button", { name: "Open the ticket" })
			.click({ timeout: 2_000 })
			.catch(() => {});
		await other.getByRole("link", { name: "Tickets", exact: true }).click();
		await other.getByRole("heading", { level: 1, name: "Tickets" }).waitFor();
		await other.reload();
		await other.getByRole("heading", { level: 1, name: "Tickets" }).waitFor();
		await other.getByText("No tickets yet.").waitFor();
		expect(await other.getByText("Mine", { exact: true }).count()).toBe(0);
	});

	test("is listed with others, and each can be ended", async () => {
		const { page, errors } = await openSignIn();
		await comeIn(page);
		const second = await browser.open();
		await second.page.goto((await demoLinks()).customer);
		await second.page.getByRole("button", { name: "Continue" }).click();
		await overview(second.page);
		await page.getByRole("link", { name: "Northern Mail AB" }).click();
		await page.getByRole("heading", { level: 1, name: "Sessions" }).waitFor();
		const demo = page
			.getByRole("listitem")
			.filter({ hasText: "With a link of the demo" });
		await demo.first().waitFor();
		await page
			.getByRole("listitem")
			.filter({ hasText: "This browser" })
			.waitFor();
		const before = await demo.count();
		await demo
			.first()
			.getByRole("button", { name: /^End: Chrome on Linux/ })
			.click();
		await expect.poll(() => demo.count()).toBe(before - 1);
		await page.getByRole("button", { name: "End all others" }).click();
		await expect.poll(() => page.getByRole("listitem").count()).toBe(1);
		await second.page.getByText("Your session has ended.").waitFor();
		expect(errors).toEqual([]);
	});
});

describe.skipIf(!hasBrowser)("the pages of signing in", () => {
	test.each([
		{ language: "en", scheme: "light", width: 1200 },
		{ language: "sv", scheme: "dark", width: 360 },
		{ language: "sv", scheme: "light", width: 360 },
		{ language: "en", scheme: "dark", width: 1200 },
	] as const)(
		"have no fault that axe finds: $language, $scheme, $width pixels",
		async (visit) => {
			const found: string[] = [];
			const { page } = await browser.open({ ...visit, bypassCSP: true });
			await bringAxe(page);
			const look = async (where: string) => {
				for (const fault of await faultsOn(page))
					found.push(`${where}: ${fault}`);
			};
			await page.goto(`${server.url}/support`);
			await page.getByRole("textbox").first().waitFor();
			await look("sign-in");
			await page
				.getByText(/API[ -](key|nyckel)/)
				.first()
				.click();
			await look("sign-in with a key");
			await comeFromPanel(page);
			await look("continue");
			await page.getByRole("button", { name: /^(Continue|Fortsätt)$/ }).click();
			await overview(page);
			await page.getByRole("link", { name: "Northern Mail AB" }).click();
			await page
				.getByRole("heading", { level: 1, name: /^(Sessions|Sessioner)$/ })
				.waitFor();
			await page.getByRole("listitem").first().waitFor();
			await look("sessions");
			await page.goto(`${server.url}/sign-in/done`);
			await look("done");
			await page.goto(`${server.url}/sign-in/link?token=none`);
			await look("refused");
			expect(found).toEqual([]);
		},
	);
});
