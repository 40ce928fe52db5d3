/**
 * Every page at /support in both languages, light and dark, wide and narrow: axe finds no fault, nothing is wider than the
 * window, and nothing is written to the console. With `POSTERN_LOOKS=FOLDER` each is also drawn into that folder, to be looked
 * at: `POSTERN_LOOKS=/tmp/looks npx vitest run test/e2e/portal-looks.test.ts`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { hasBrowser } from "./browser.ts";
import { bringAxe, faultsOn, usePortal } from "./portal-pages.ts";

const portal = usePortal({ POSTERN_PORT25_PER_HOUR: "1000" });

const folder = process.env["POSTERN_LOOKS"];
if (folder !== undefined) mkdirSync(folder, { recursive: true });

let ticketId: string;
let server: string;

/** Something on every page: each state of port 25 that needs no edge, a conversation with files, keys. */
beforeAll(async () => {
	if (!hasBrowser) return;
	const vps = portal.demo().clients["trusted"]?.vps ?? [];
	const ask = (nth: number, who: "trusted" | "prepaid", reason: string) =>
		portal.asCustomer(who, "support/port25-requests", {
			vpsId: portal.demo().clients[who]?.vps[nth]?.id,
			reason,
		}) as Promise<{ id: string }>;
	await ask(0, "trusted", "Order confirmations of our shop, 300 a day.");
	await ask(3, "trusted", "A list of our members, twice a month.");
	const { data } = (await portal.asStaff(
		`allowlist?ipAddress=${vps[3]?.ip}`,
	)) as { data: { id: string }[] };
	await portal.asStaff(`allowlist/${data[0]?.id}/actions/suspend`, {
		reason: "Three complaints since Monday. Show us how people sign up.",
	});
	await ask(0, "prepaid", "Receipts for the customers of our bakery.");
	const refused = await ask(1, "prepaid", "Mail.");
	await portal.asStaff(`port25-requests/${refused.id}/actions/reject`, {
		reason: "Say what you send, to whom, and how they can stop it.",
	});
	server = portal.demo().clients["prepaid"]?.vps[1]?.id ?? "";
	const ticket = (await portal.asCustomer("prepaid", "support/tickets", {
		departmentSlug: "vps",
		subject: "No mail from the shop since this morning",
		message:
			"Our order confirmations do not arrive since about seven.\n\nNothing was changed on our side. The log of the mail server is attached.",
		priority: "high",
		ccEmails: ["it@bakery.example", "anna.lindqvist@bakery.example"],
		context: {
			serviceId: portal.demo().clients["prepaid"]?.vps[0]?.id,
		},
	})) as { id: string };
	ticketId = ticket.id;
	await reply("Here is the log.", "mail.log");
	await portal.asStaff(`tickets/${ticketId}/messages`, {
		message:
			"Thank you. The log shows that port 25 is closed for shop.example.net. Your request is being looked at; we write here as soon as it is decided.",
	});
	await portal.asCustomer("prepaid", `support/tickets/${ticketId}/messages`, {
		message: "The password of the relay is correct horse battery staple.",
		encrypted: true,
	});
});

async function reply(message: string, name: string): Promise<void> {
	const form = new FormData();
	form.append("file", new File(["relay=none, status=deferred\n"], name));
	const sent = await fetch(
		`${portal.server().url}/api/v2/support/attachments`,
		{
			method: "POST",
			headers: { authorization: `Bearer ${portal.keyOf("prepaid")}` },
			body: form,
		},
	);
	const { attachmentId } = (await sent.json()) as { attachmentId: string };
	await portal.asCustomer("prepaid", `support/tickets/${ticketId}/messages`, {
		...{ message, attachmentIds: [attachmentId] },
	});
}

describe.skipIf(!hasBrowser).each([
	{ language: "en", scheme: "light", width: 1280 },
	{ language: "sv", scheme: "dark", width: 360 },
	{ language: "sv", scheme: "light", width: 360 },
	{ language: "en", scheme: "dark", width: 1280 },
	// The rest is for the eye.
	...(folder === undefined
		? []
		: ([
				{ language: "sv", scheme: "light", width: 1280 },
				{ language: "sv", scheme: "dark", width: 1280 },
				{ language: "en", scheme: "light", width: 360 },
				{ language: "en", scheme: "dark", width: 360 },
			] as const)),
] as const)(
	"the pages at /support, $language, $scheme, $width pixels",
	(visit) => {
		const found: string[] = [];

		async function look(page: Page, where: string): Promise<void> {
			// A dialog has its name once it is wholly there.
			if (where.endsWith("dialog"))
				await page.getByRole("dialog", { name: /./ }).waitFor();
			const faults = await faultsOn(page);
			found.push(...faults.map((fault) => `${where}: ${fault}`));
			if (folder === undefined) return;
			const { language, scheme, width } = visit;
			await page.screenshot({
				path: join(folder, `${where}-${language}-${scheme}-${width}.png`),
				fullPage: !where.includes("dialog"),
				animations: "disabled",
			});
		}

		test("have no fault that axe finds", async () => {
			const { page, errors } = await portal.openSignIn({
				...visit,
				bypassCSP: true,
			});
			await bringAxe(page);
			await page.reload();
			await page.getByLabel(/API[ -]?(key|nyckel)/).waitFor();
			await look(page, "sign-in");
			await portal.signIn(page, portal.keyOf("trusted"));
			await page.getByRole("listitem").nth(9).waitFor();
			await look(page, "home");
			await page.getByRole("button", { name: /mx1.example.com, 203/ }).click();
			await page.getByRole("dialog").getByRole("textbox").waitFor();
			await look(page, "ask-dialog");
			await page.keyboard.press("Escape");
			await page.getByRole("dialog").waitFor({ state: "detached" });
			await page.getByRole("button", { name: /^(Sign out|Logga ut)$/ }).click();
			await portal.signIn(page, portal.keyOf("prepaid"));
			await lookAtPages(page);
			await lookAtDialogs(page);
			await lookAtStates(page);
			expect(found).toEqual([]);
			// What the states below provoke is told by the browser, too.
			expect(errors.filter((text) => !/40[134]|Failed to/.test(text))).toEqual(
				[],
			);
		});

		async function lookAtPages(page: Page): Promise<void> {
			await portal.go(page, `/servers/${server}`);
			await page.getByText(/^(Answer|Svar): Say/).waitFor();
			await page
				.getByText(/(was rejected recently|avslogs nyligen)/)
				.first()
				.waitFor();
			await look(page, "server");
			await portal.go(page, "/tickets");
			await page.getByRole("listitem").first().waitFor();
			await look(page, "tickets");
			await portal.go(page, `/tickets/${ticketId}`);
			await page.getByRole("article").nth(3).waitFor();
			await look(page, "ticket");
			await portal.go(page, "/tickets/new");
			await page
				.getByLabel(/^(Priority|Prioritet)$/)
				.selectOption("critical", { timeout: 10_000 });
			await page.locator('input[type="file"]').setInputFiles([
				{ name: "log.txt", mimeType: "", buffer: Buffer.from("fine\n") },
				{ name: "x.html", mimeType: "", buffer: Buffer.from("<html>") },
			]);
			await page.getByText(/(is not taken|tas inte emot):/).waitFor();
			await look(page, "new-ticket");
			await portal.go(page, "/keys");
			await page.getByRole("listitem").first().waitFor();
			await look(page, "keys");
		}

		async function lookAtDialogs(page: Page): Promise<void> {
			const dialog = page.getByRole("dialog");
			const closed = async () => {
				await page.keyboard.press("Escape");
				await dialog.waitFor({ state: "detached" });
			};
			await page.getByRole("button", { name: /(Create|Skapa)/ }).click();
			await dialog.getByLabel(/^(Name|Namn)/).fill("monitoring");
			await look(page, "create-key-dialog");
			await dialog.getByRole("button", { name: /(Create|Skapa)/ }).click();
			await dialog.getByRole("button", { name: /^(Copy|Kopiera)$/ }).waitFor();
			await look(page, "key-once-dialog");
			await closed();
			await page
				.getByRole("button", { name: /^(Roll|Byt ut): monitoring/ })
				.first()
				.click();
			await look(page, "roll-key-dialog");
			await closed();
			await page
				.getByRole("button", { name: /^(End|Avsluta): monitoring/ })
				.first()
				.click();
			await look(page, "end-key-dialog");
			await dialog.getByRole("button", { name: /^(End|Avsluta)$/ }).click();
			await dialog.waitFor({ state: "detached" });
			await page.keyboard.press("/");
			await dialog.getByRole("combobox").fill("shop");
			await dialog.getByRole("option").nth(2).waitFor();
			await look(page, "search-dialog");
			await closed();
			await portal.go(page, `/tickets/${ticketId}`);
			await page
				.getByRole("button", { name: /(who gets copies|vem som får kopior)/ })
				.click();
			await dialog.getByRole("textbox").waitFor();
			await look(page, "copies-dialog");
			await closed();
		}

		/** Nothing there, not found, not sent, no line, not allowed, over. */
		async function lookAtStates(page: Page): Promise<void> {
			const reply = page.getByLabel(/^(Your reply|Ditt svar)/);
			await reply.fill("Any news?");
			await page.context().setOffline(true);
			await page.getByRole("button", { name: /^(Send|Skicka)$/ }).click();
			await page.getByText(/(was not sent|skickades inte)/).waitFor();
			await look(page, "offline");
			await page
				.getByRole("button", {
					name: /(Back to the editor|Tillbaka till rutan)/,
				})
				.click();
			await reply.fill("");
			await page.context().setOffline(false);
			await portal.go(page, "/tickets?status=on_hold");
			await page
				.getByText(/(No ticket matches|Inget ärende stämmer)/)
				.waitFor();
			await look(page, "nothing-found");
			await portal.go(page, "/tickets/tkt_00000000000000000000000000");
			await page.getByRole("alert").waitFor();
			await look(page, "not-found");
			await portal.go(page, "/nowhere");
			await page.getByRole("heading", { level: 1 }).waitFor();
			await look(page, "no-page");
			const narrow = (await portal.asCustomer("prepaid", "api-keys", {
				name: "servers only",
				scopes: ["read:vm", "write:account"],
			})) as { key: string; id: string };
			await page.getByRole("button", { name: /^(Sign out|Logga ut)$/ }).click();
			await portal.signIn(page, narrow.key);
			await portal.go(page, "/");
			await page.getByRole("alert").nth(1).waitFor();
			await look(page, "forbidden");
			await fetch(`${portal.server().url}/api/v2/api-keys/${narrow.id}`, {
				method: "DELETE",
				headers: { authorization: `Bearer ${portal.keyOf("prepaid")}` },
			});
			await expect
				.poll(
					async () => {
						await portal.go(page, `/servers/${Math.random()}`);
						return page.getByText(/(has ended|har upphört)\. /).count();
					},
					{ timeout: 10_000 },
				)
				.toBeGreaterThan(0);
			await look(page, "expired");
		}
	},
);
