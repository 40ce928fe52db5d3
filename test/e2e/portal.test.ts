/** The pages at /support, as a customer uses them: a real browser, a real server with the demo. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { DemoFile } from "../../server/demo/demo-file.ts";
import { hasBrowser, useBrowser } from "./browser.ts";
import { answered } from "./portal-pages.ts";
import { readDemo, type Server, useProcesses } from "./postern-process.ts";

const processes = useProcesses();
const browser = useBrowser();
let server: Server;
let demo: DemoFile;

beforeAll(async () => {
	if (!hasBrowser) return;
	server = await processes.serve({
		POSTERN_DATA_DIR: processes.newDataDir(),
	});
	demo = await readDemo(server.dataDir);
});

type Who = "trusted" | "prepaid" | "unverified" | "other";

async function signIn(page: Page, who: Who): Promise<void> {
	await page.goto(`${server.url}/support`);
	await page.getByLabel(/API[ -]?(key|nyckel)/).fill(keyOf(who));
	// What happens from here on the page hears of.
	await answered(page, /\/api\/v2\/events$/, () =>
		page.getByRole("button", { name: /Sign in|Logga in/ }).click(),
	);
	await page
		.getByRole("heading", { level: 1, name: /Overview|Översikt/ })
		.waitFor();
}

function keyOf(who: Who): string {
	const { key } = demo.clients[who] ?? {};
	if (key === undefined) throw new Error(`the demo has no ${who}`);
	return key;
}

async function asStaff(path: string, body: object): Promise<void> {
	const answer = await fetch(`${server.url}/api/desk/${path}`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${demo.staffKey}`,
			"content-type": "application/json",
		},
		body: JSON.stringify(body),
	});
	expect(answer.ok, await answer.text()).toBe(true);
}

/** Texts that would do something if anybody took them for more than text. */
const hostile = `<script>document.title = "taken"</script><img src=x onerror="document.title='taken'">"'\`{{7*7}}javascript:alert(1)`;

describe.skipIf(!hasBrowser)("the pages at /support", () => {
	test("turn a wrong key away, and say what to check", async () => {
		const { page } = await browser.open();
		await page.goto(`${server.url}/support`);
		await page.getByLabel("API key").fill("pst_live_nobody");
		await page.getByRole("button", { name: "Sign in" }).click();
		await page
			.getByRole("alert")
			.getByText("This key signs nobody in.")
			.waitFor();
	});

	test("show beforehand what stands in the way of a request, and how to mend it", async () => {
		const { page, errors } = await browser.open();
		await signIn(page, "unverified");
		await page.getByRole("button", { name: /Ask to open: starup, / }).click();
		const dialog = page.getByRole("dialog", { name: "Ask to open port 25" });
		await dialog.getByText("It would be refused now.").waitFor();
		await dialog.getByText("Verify your identity in your account").waitFor();
		expect(await dialog.getByRole("textbox").count()).toBe(0);
		await page.keyboard.press("Escape");
		await dialog.waitFor({ state: "detached" });
		expect(errors).toEqual([]);
	});

	test("take a request, keep its draft over a reload, and follow it by themselves", async () => {
		const { page, errors } = await browser.open();
		await signIn(page, "trusted");
		const ask = page.getByRole("button", {
			name: "Ask to open: mail.example.com, 203.0.113.10",
		});
		await ask.click();
		await page.getByText("You can expect it to be approved at once.").waitFor();
		await page.getByLabel("What will you send?").fill("Order confirmations.");
		await signIn(page, "trusted");
		await ask.click();
		const reason = page.getByLabel("What will you send?");
		expect(await reason.inputValue()).toBe("Order confirmations.");
		await page.getByRole("button", { name: "Send the request" }).click();
		await page
			.getByText("Approved. The network is opening the port.", { exact: true })
			.waitFor();
		await page.keyboard.press("Escape");
		const row = page.getByRole("listitem").filter({ hasText: "203.0.113.10" });
		await row.getByText("Opening", { exact: true }).waitFor();
		// Suspended at the desk: nobody reloads the page.
		const list = await fetch(
			`${server.url}/api/desk/allowlist?ipAddress=203.0.113.10`,
			{ headers: { authorization: `Bearer ${demo.staffKey}` } },
		);
		const { data } = (await list.json()) as { data: { id: string }[] };
		await asStaff(`allowlist/${data[0]?.id}/actions/suspend`, {
			reason: `Complaints. ${hostile}`,
		});
		await row.getByText("Suspended", { exact: true }).waitFor();
		await row.getByText("<script>").waitFor();
		expect(await page.title()).not.toBe("taken");
		expect(errors).toEqual([]);
	});

	test("carry a ticket from its opening to its end, with the answer coming in by itself", async () => {
		const { page, errors } = await browser.open();
		await signIn(page, "other");
		await page.getByRole("link", { name: "New ticket" }).click();
		await page.getByLabel("Subject").fill(hostile);
		await page.getByLabel("Message").fill(`First line\n${hostile}`);
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page
			.getByRole("heading", { level: 1 })
			.getByText("<script>")
			.waitFor();
		const id = page.url().split("/").at(-1);
		await asStaff(`tickets/${id}/messages`, {
			message: `It is mended. ${hostile}`,
		});
		await page.getByText("It is mended.").waitFor();
		await page.getByText("Answered").waitFor();
		await page.getByLabel("Your reply").fill("the password is 1234");
		await page.getByLabel("Contains secrets").check();
		expect(
			await page.evaluate(() => JSON.stringify({ ...localStorage })),
		).not.toContain("1234");
		await page.getByRole("button", { name: "Send" }).click();
		await page.getByText("Encrypted", { exact: true }).waitFor();
		await page.getByText("the password is 1234").waitFor();
		await answered(page, /\/actions\/close$/, () =>
			page.getByRole("button", { name: "Close the ticket" }).click(),
		);
		await page.getByText("This ticket is closed.").waitFor();
		await page.getByRole("button", { name: "Open it again" }).click();
		await page.getByLabel("Your reply").waitFor();
		expect(await page.title()).not.toBe("taken");
		expect(errors).toEqual([]);
	});

	test("lose nothing that was typed when the line is cut, and go on when it is back", async () => {
		const { page } = await browser.open();
		await signIn(page, "prepaid");
		await page.getByRole("link", { name: "New ticket" }).click();
		await page.getByLabel("Subject").fill("No mail");
		await page.getByLabel("Message").fill("Since this morning.");
		await page.context().setOffline(true);
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page.getByText("What you typed is still here").waitFor();
		await page.context().setOffline(false);
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page.getByRole("heading", { name: "No mail" }).waitFor();
	});

	test("ask nobody but their own server for anything", async () => {
		const { page } = await browser.open();
		const asked = new Set<string>();
		page.on("request", (request) => asked.add(new URL(request.url()).origin));
		await signIn(page, "trusted");
		await page.getByRole("link", { name: "Tickets", exact: true }).click();
		await page.getByRole("heading", { name: "Tickets", exact: true }).waitFor();
		expect([...asked]).toEqual([server.url]);
	});
});
