/** API keys and the one search at /support, the keyboard alone, and what every page says when something is missing. */
import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser } from "./browser.ts";
import { hasFocus, usePortal } from "./portal-pages.ts";

const portal = usePortal();

describe.skipIf(!hasBrowser)("keys at /support", () => {
	test("are made with what they may do, shown once, rolled and ended", async () => {
		const { page, errors } = await portal.open("trusted");
		await page
			.context()
			.grantPermissions(["clipboard-read", "clipboard-write"]);
		await page.getByRole("link", { name: "API keys" }).click();
		const create = page.getByRole("button", { name: "Create a key" });
		await create.click();
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Name").fill("monitoring");
		await dialog.getByLabel("Read servers").check();
		await dialog.getByLabel("Ends").selectOption("30");
		await dialog.getByRole("button", { name: "Create a key" }).click();
		const field = dialog.getByRole("textbox", { name: "Key", exact: true });
		const text = await field.inputValue();
		expect(text).toMatch(/^pst_test_/);
		await dialog.getByRole("button", { name: "Copy", exact: true }).click();
		await dialog.getByRole("button", { name: "Copied" }).waitFor();
		expect(await page.evaluate("navigator.clipboard.readText()")).toBe(text);
		const ask = (key: string) =>
			fetch(`${portal.server().url}/api/v2/vps`, {
				headers: { authorization: `Bearer ${key}` },
			}).then(({ status }) => status);
		expect(await ask(text)).toBe(200);
		await dialog.getByRole("button", { name: "I have kept it" }).click();
		await dialog.waitFor({ state: "detached" });
		expect(await hasFocus(create)).toBe(true);
		const row = page.getByRole("listitem").filter({ hasText: "monitoring" });
		await row.getByText("Read servers").waitFor();
		await row.getByRole("button", { name: "Roll: monitoring" }).click();
		await dialog.getByLabel("The old key works").selectOption("0");
		await dialog.getByRole("button", { name: "Roll" }).click();
		const rolled = await field.inputValue();
		expect(rolled).not.toBe(text);
		await page.keyboard.press("Escape");
		await expect.poll(() => ask(text), { timeout: 15_000 }).toBe(401);
		await row.getByText(`…${rolled.slice(-4)}`).waitFor();
		await row.getByRole("button", { name: "End: monitoring" }).click();
		await dialog.getByRole("button", { name: "End" }).click();
		await row.waitFor({ state: "detached" });
		await expect.poll(() => ask(rolled), { timeout: 15_000 }).toBe(401);
		expect(errors).toEqual([]);
	});

	test("give on no more than one is signed in with", async () => {
		const { key } = (await portal.asCustomer("trusted", "api-keys", {
			name: "narrow",
			scopes: ["read:account", "write:account", "read:support"],
		})) as { key: string };
		const { page } = await portal.openSignIn();
		await portal.signIn(page, key);
		await portal.go(page, "/keys");
		await page.getByRole("button", { name: "Create a key" }).click();
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Name").fill("wider");
		await dialog.getByLabel("Read servers").check();
		await dialog.getByRole("button", { name: "Create a key" }).click();
		await dialog
			.getByText("You cannot give a key more than you are signed in with.")
			.waitFor();
		expect(await dialog.getByLabel("Name").inputValue()).toBe("wider");
	});
});

describe.skipIf(!hasBrowser)("the search at /support", () => {
	test("opens by / and finds servers, tickets and requests without a mouse", async () => {
		const { page, errors } = await portal.open("prepaid");
		await portal.asCustomer("prepaid", "support/port25-requests", {
			vpsId: portal.demo().clients["prepaid"]?.vps[1]?.id,
			reason: "Receipts of the bakery.",
		});
		const ticket = (await portal.asCustomer("prepaid", "support/tickets", {
			departmentSlug: "billing",
			subject: "Invoice of October",
			message: "It has the wrong zeppelin on it.",
		})) as { number: string };
		const field = page.getByRole("combobox", { name: /^Server, address/ });
		const chosen = page
			.getByRole("listbox", { name: "Found" })
			.getByRole("option", { selected: true });
		const find = async (words: string, group: string, title: string) => {
			await page.keyboard.press("/");
			await field.fill(words);
			const list = page.getByRole("listbox", { name: "Found" });
			await list.getByText(group).waitFor();
			await list.getByRole("option").filter({ hasText: title }).waitFor();
			while (!(await chosen.textContent())?.includes(title))
				await page.keyboard.press("ArrowDown");
			await page.keyboard.press("Enter");
			await field.waitFor({ state: "detached" });
		};
		await find("198.51.100.20", "Servers", "shop.example.net");
		await page.getByRole("heading", { name: "shop.example.net" }).waitFor();
		await find("zeppelin", "Tickets", "Invoice of October");
		await page.getByRole("heading", { name: "Invoice of October" }).waitFor();
		await portal.go(page, "/");
		await find(`#${ticket.number}`, "Tickets", "Invoice of October");
		await page.getByRole("heading", { name: "Invoice of October" }).waitFor();
		await find("bakery", "Port 25 requests", "mail.example.net");
		await page.getByText("Receipts of the bakery.").waitFor();
		// In a field it is a letter like any other.
		await find("new t", "Go to", "New ticket");
		await page.getByLabel("Subject").press("/");
		expect(await page.getByLabel("Subject").inputValue()).toBe("/");
		await page.getByRole("button", { name: "Search" }).click();
		await field.fill("no such thing");
		await page.getByText("Nothing found.").waitFor();
		await page.keyboard.press("Escape");
		expect(await hasFocus(page.getByRole("button", { name: "Search" }))).toBe(
			true,
		);
		expect(errors).toEqual([]);
	});
});

/** Presses Tab until the focus is there, and looks that it can be seen there. */
async function tabTo(page: Page, where: Locator): Promise<void> {
	for (let presses = 0; !(await hasFocus(where)); presses += 1) {
		if (presses > 80) throw new Error("Tab does not lead there");
		await page.keyboard.press("Tab");
		// A page that is not wholly there yet has fewer places to go to.
		await where.waitFor();
	}
	const seen = await where.evaluate(
		(it: {
			ownerDocument: {
				defaultView: {
					getComputedStyle(of: unknown): Record<string, string>;
				};
			};
		}) => {
			const style = it.ownerDocument.defaultView.getComputedStyle(it);
			return [
				style["outlineStyle"],
				style["borderColor"],
				style["outlineWidth"],
			];
		},
	);
	expect(seen.join(" "), "the focus is visible").not.toMatch(/^none .* 0px$/);
}

describe.skipIf(!hasBrowser)("without a mouse /support", () => {
	test("takes a request and carries a ticket from its opening to its end", async () => {
		const { page, errors } = await portal.openSignIn();
		await tabTo(page, page.getByLabel("API key"));
		await page.keyboard.type(portal.keyOf("other"));
		await page.keyboard.press("Enter");
		const ask = page.getByRole("button", { name: /^Ask to open/ }).first();
		await ask.waitFor();
		await tabTo(page, ask);
		await page.keyboard.press("Enter");
		await page.getByRole("dialog").waitFor();
		await page.keyboard.press("Escape");
		await page.getByRole("dialog").waitFor({ state: "detached" });
		expect(await hasFocus(ask)).toBe(true);
		const press = async (where: Locator) => {
			await tabTo(page, where);
			await page.keyboard.press("Enter");
		};
		const type = async (label: string, text: string) => {
			await tabTo(page, page.getByLabel(label));
			await page.keyboard.type(text);
		};
		await press(page.getByRole("link", { name: "New ticket" }));
		await type("Subject", "By keyboard");
		await type("Message", "No mouse was used.");
		await press(page.getByRole("button", { name: "Open the ticket" }));
		await page.getByRole("heading", { name: "By keyboard" }).waitFor();
		await type("Your reply", "And a reply.");
		await page.keyboard.press("Control+Enter");
		await page.getByRole("article").nth(1).waitFor();
		await press(page.getByRole("button", { name: "Close the ticket" }));
		await page.getByText("This ticket is closed.").waitFor();
		await press(page.getByRole("button", { name: "Open it again" }));
		await page.getByLabel("Your reply").waitFor();
		expect(errors).toEqual([]);
	});
});

const pages = [
	["/", "Overview"],
	["/tickets", "Tickets"],
	["/tickets/new", "New ticket"],
	["/keys", "API keys"],
] as const;

describe.skipIf(!hasBrowser)("every page at /support", () => {
	test("has a name in the window, and is where the reader is after going there", async () => {
		const { page } = await portal.open("trusted");
		for (const [path, name] of pages) {
			await portal.go(page, path);
			await page.getByRole("heading", { level: 1, name }).waitFor();
			expect(await page.title()).toBe(`${name} · Support`);
		}
		await portal.go(page, "/nowhere");
		await page
			.getByRole("heading", { name: "There is no page here" })
			.waitFor();
		await page.getByRole("link", { name: "Overview", exact: true }).click();
		await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
		expect(await hasFocus(page.getByRole("main"))).toBe(true);
	});

	test("says what a key may not do, and shows what it may", async () => {
		const { key } = (await portal.asCustomer("trusted", "api-keys", {
			name: "servers only",
			scopes: ["read:vm"],
		})) as { key: string };
		const { page } = await portal.openSignIn();
		await portal.signIn(page, key);
		for (const path of [...pages.map(([to]) => to), "/tickets/tkt_1"]) {
			await portal.go(page, path);
			await page
				.getByRole("alert")
				.getByText("a key that may not do this")
				.first()
				.waitFor();
		}
	});

	test("says that there is no line, waits, and goes on by itself when there is one", async () => {
		const { page } = await portal.open("trusted");
		await page.getByRole("listitem").first().waitFor();
		// The files of a page come when it is pointed at: fetched before the line is cut.
		await page.getByRole("link", { name: "API keys" }).hover();
		await portal.go(page, "/keys");
		await page.getByRole("heading", { level: 1, name: "API keys" }).waitFor();
		await portal.go(page, "/");
		await page.context().setOffline(true);
		await page.getByText("No connection. What you see may be old").waitFor();
		expect(await page.getByRole("listitem").count()).toBeGreaterThan(0);
		await page.context().setOffline(false);
		await page
			.getByText("No connection. What you see may be old")
			.waitFor({ state: "detached" });
	});

	test("asks to sign in again when the key has ended, and goes on where it was", async () => {
		const made = (await portal.asCustomer("trusted", "api-keys", {
			name: "short",
			scopes: ["read:all", "write:all"],
		})) as { key: string; id: string };
		const { page } = await portal.openSignIn();
		await portal.signIn(page, made.key);
		await portal.go(page, "/tickets/new");
		await page.getByLabel("Subject").fill("in the middle");
		await page.getByLabel("Message").fill("of something");
		const ended = await fetch(
			`${portal.server().url}/api/v2/api-keys/${made.id}`,
			{
				method: "DELETE",
				headers: { authorization: `Bearer ${portal.keyOf("trusted")}` },
			},
		);
		expect(ended.status).toBe(200);
		// The end of its stream says so, without a click.
		await page.getByText("Your session has ended.").waitFor();
		await portal.signIn(page, portal.keyOf("trusted"));
		expect(await page.getByLabel("Subject").inputValue()).toBe("in the middle");
	});

	test("has words for nothing being there yet", async () => {
		const { page } = await portal.open("suspended");
		await portal.go(page, "/tickets");
		await page.getByText("No tickets yet.").waitFor();
	});
});
