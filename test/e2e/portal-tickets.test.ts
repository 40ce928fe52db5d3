/** Tickets at /support: files, drafts, what fails and is not lost, who gets copies. */
import { readFile } from "node:fs/promises";
import type { Page, Route } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasBrowser } from "./browser.ts";
import { answered, hasFocus, usePortal } from "./portal-pages.ts";

const portal = usePortal({ POSTERN_ATTACHMENT_MIB_MAX: "1" });

const patient = { timeout: 10_000 };

const png = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/p5n6WwAAAABJRU5ErkJggg==",
	"base64",
);

/** Opens a ticket by the API. */
async function addTicket(subject: string): Promise<string> {
	const ticket = (await portal.asCustomer("other", "support/tickets", {
		departmentSlug: "vps",
		subject,
		message: "It does not answer.",
	})) as { id: string };
	return ticket.id;
}

/** The same, and its page. */
async function openTicket(page: Page, subject: string): Promise<string> {
	const id = await addTicket(subject);
	await portal.go(page, `/tickets/${id}`);
	await page.getByRole("heading", { level: 1, name: subject }).waitFor();
	return id;
}

/** Gives a file to a text field as a drop or a paste does. */
async function give(
	page: Page,
	{ how, to, name }: Record<"how" | "to" | "name", string>,
): Promise<void> {
	const file = `new File(["a line\\n"], ${JSON.stringify(name)}, { type: "text/plain" })`;
	const event =
		how === "drop"
			? 'new DragEvent("drop", { bubbles: true, dataTransfer: data })'
			: 'new ClipboardEvent("paste", { bubbles: true, clipboardData: data })';
	await page.getByLabel(to).focus();
	await page.evaluate(
		`{ const data = new DataTransfer(); data.items.add(${file}); document.activeElement.dispatchEvent(${event}); }`,
	);
}

describe.skipIf(!hasBrowser)("tickets at /support", () => {
	test("take files with a new ticket, by button, drop and paste, and give them back unchanged", async () => {
		const { page, errors } = await portal.open("other");
		await portal.go(page, "/tickets/new");
		await page.getByLabel("Subject").fill("Screenshots");
		await page.getByLabel("Message").fill("See the files.");
		await page
			.getByLabel("Service")
			.selectOption({ index: 1 }, { timeout: 10_000 });
		await page.getByLabel("Copies to").fill("a@example.com, b@example.com");
		await page
			.locator('input[type="file"]')
			.setInputFiles({ name: "shot.png", mimeType: "image/png", buffer: png });
		await give(page, { how: "drop", to: "Message", name: "dropped.log" });
		await give(page, { how: "paste", to: "Message", name: "pasted.txt" });
		for (const name of ["shot.png", "dropped.log", "pasted.txt"])
			await page.getByRole("button", { name: `Remove ${name}` }).waitFor();
		await page.getByRole("button", { name: "Remove dropped.log" }).click();
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page.getByRole("heading", { name: "Screenshots" }).waitFor();
		await page.getByText("Files: shot.png, pasted.txt").waitFor();
		await page.getByRole("complementary").getByText("b@example.com").waitFor();
		const [saved] = await Promise.all([
			page.waitForEvent("download"),
			page.getByRole("button", { name: "Download shot.png" }).click(),
		]);
		expect(saved.suggestedFilename()).toBe("shot.png");
		expect(await readFile(await saved.path())).toEqual(png);
		expect(await page.getByRole("article").getByText("dropped").count()).toBe(
			0,
		);
		expect(errors).toEqual([]);
	});

	test("show what was sent while the ticket was first read", async () => {
		const { page } = await portal.open("other");
		await portal.go(page, "/tickets/new");
		await page.getByLabel("Subject").fill("Quick");
		await page.getByLabel("Message").fill("See the file.");
		await page
			.locator('input[type="file"]')
			.setInputFiles({ name: "shot.png", mimeType: "image/png", buffer: png });
		await page.getByRole("button", { name: "Remove shot.png" }).waitFor();
		const looked = Promise.withResolvers<void>();
		// Looked at before the reply is there, told after the page knows that it is.
		await page.route(/\/tickets\/[a-z]+_\w+$/, async (route) => {
			const response = await route.fetch();
			await page.unroute(/\/tickets\/[a-z]+_\w+$/);
			looked.resolve();
			await page
				.getByText("Your reply is sent.")
				.waitFor({ state: "attached" });
			await route.fulfill({ response }).catch(() => {});
		});
		await page.route(/\/messages$/, async (route) => {
			await looked.promise;
			await route.continue();
		});
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page.getByRole("heading", { name: "Quick" }).waitFor();
		await page.getByText("Files: shot.png").waitFor();
	});

	test("show an answer that came while the ticket was first read", async () => {
		const { page } = await portal.open("other");
		const id = await addTicket("Answered at once");
		let reads = 0;
		// Looked at before the answer is there, told when the page has heard of it and asks again.
		await page.route(new RegExp(`/tickets/${id}$`), async (route) => {
			reads += 1;
			if (reads > 1) return route.continue();
			const response = await route.fetch();
			const again = page.waitForRequest(new RegExp(`/tickets/${id}$`));
			await portal.asStaff(`tickets/${id}/messages`, {
				message: "That was quick.",
			});
			await again;
			await route.fulfill({ response }).catch(() => {});
		});
		await portal.go(page, `/tickets/${id}`);
		await page.getByText("That was quick.").waitFor();
	});

	test("say of each file why it is not taken, and send the others", async () => {
		const { page } = await portal.open("other");
		await openTicket(page, "Odd files");
		await page.locator('input[type="file"]').setInputFiles([
			{
				name: "page.html",
				mimeType: "text/plain",
				buffer: Buffer.from("<html><script>1</script></html>"),
			},
			{
				name: "large.log",
				mimeType: "text/plain",
				buffer: Buffer.alloc(1_200_000, "x"),
			},
			{
				name: "good.log",
				mimeType: "text/plain",
				buffer: Buffer.from("all is well\n"),
			},
		]);
		await expect
			.poll(() => page.getByText("This file is not taken:").count(), patient)
			.toBe(2);
		await page.getByText("1 MiB").waitFor();
		await page.getByLabel("Your reply").fill("Here is the log.");
		const send = page.getByRole("button", { name: "Send", exact: true });
		await page.getByText("Remove the files that were not taken").waitFor();
		expect(await send.isDisabled()).toBe(true);
		await page.getByRole("button", { name: "Remove page.html" }).click();
		await page.getByRole("button", { name: "Remove large.log" }).click();
		await send.click();
		await page.getByRole("button", { name: "Download good.log" }).waitFor();
	});

	test("stop a file on its way, and send one again that did not arrive", async () => {
		const { page } = await portal.open("other");
		await openTicket(page, "A slow line");
		const held: Route[] = [];
		await page.route("**/api/v2/support/attachments", (route) => {
			held.push(route);
		});
		const pick = page.locator('input[type="file"]');
		const file = (name: string) => ({
			...{ name, mimeType: "text/plain", buffer: Buffer.from("x\n") },
		});
		await pick.setInputFiles([file("stopped.log"), file("cut.log")]);
		await page.getByRole("progressbar", { name: "Sending cut.log" }).waitFor();
		await page
			.getByRole("button", { name: "Stop sending stopped.log" })
			.click();
		await expect.poll(() => held.length, patient).toBe(2);
		await held.at(-1)?.abort("connectionreset");
		await page.getByText("No answer from the server.").waitFor();
		await page.unroute("**/api/v2/support/attachments");
		await page.getByRole("button", { name: "Try again" }).click();
		await page.getByRole("button", { name: "Remove cut.log" }).waitFor();
		expect(
			await page.getByRole("button", { name: /stopped\.log/ }).count(),
		).toBe(0);
	});

	test("keep text and files over a reload and another sign-in, and show them to nobody else", async () => {
		const { page } = await portal.open("other");
		const id = await openTicket(page, "Kept");
		await page.getByLabel("Your reply").fill("half a sent");
		await page.locator('input[type="file"]').setInputFiles({
			...{ name: "kept.log", mimeType: "text/plain" },
			buffer: Buffer.from("kept\n"),
		});
		await page.getByRole("button", { name: "Remove kept.log" }).waitFor();
		await page.reload();
		await portal.signIn(page, portal.keyOf("other"));
		await page.getByRole("heading", { name: "Kept" }).waitFor();
		const reply = page.getByLabel("Your reply");
		expect(await reply.inputValue()).toBe("half a sent");
		await reply.press("ControlOrMeta+End");
		await reply.pressSequentially("ence");
		await page.getByRole("button", { name: "Send", exact: true }).click();
		await page.getByRole("button", { name: "Download kept.log" }).waitFor();
		await page.getByText("half a sentence").waitFor();
		await portal.go(page, "/tickets/new");
		await page.getByLabel("Subject").fill("mine alone");
		await page.getByRole("button", { name: "Sign out" }).click();
		await portal.signIn(page, portal.keyOf("prepaid"));
		await portal.go(page, "/tickets/new");
		await page.getByLabel("Subject").waitFor();
		expect(await page.getByLabel("Subject").inputValue()).toBe("");
		expect(id).toMatch(/^tkt_/);
	});

	test("show a reply at once; one that did not arrive says so, survives a reload, and is written once", async () => {
		const { page } = await portal.open("other");
		const id = await openTicket(page, "Written once");
		const messages = `**/api/v2/support/tickets/${id}/messages`;
		// It arrives, and its answer is lost on the way, once the page has been looked at.
		const looked = Promise.withResolvers<void>();
		await page.route(messages, async (route) => {
			await route.fetch();
			await looked.promise;
			await route.abort("connectionreset");
		});
		await page.getByLabel("Your reply").fill("Any news?");
		await page.getByLabel("Your reply").press("Control+Enter");
		await page.getByText("Sending …").waitFor();
		looked.resolve();
		await page.getByText("This reply was not sent").waitFor();
		await page.reload();
		await portal.signIn(page, portal.keyOf("other"));
		await page.getByText("This reply was not sent").waitFor();
		await page.unroute(messages);
		await answered(page, /\/messages$/, () =>
			page.getByRole("button", { name: "Try again" }).click(),
		);
		await page.getByText("This reply was not sent").waitFor({
			state: "detached",
		});
		const ticket = (await portal.asCustomer(
			"other",
			`support/tickets/${id}`,
		)) as { messages: { body: string }[] };
		expect(ticket.messages.map(({ body }) => body)).toEqual(["Any news?"]);
	});

	test("put a refused reply back into the editor, before what was typed meanwhile", async () => {
		const { page } = await portal.open("other");
		const id = await openTicket(page, "Refused");
		await page.getByLabel("Your reply").fill("first");
		await page.route(`**/tickets/${id}/messages`, (route) =>
			route.fulfill({
				status: 409,
				contentType: "application/problem+json",
				body: JSON.stringify({ code: "ticket_full", detail: "full" }),
			}),
		);
		await page.getByRole("button", { name: "Send", exact: true }).click();
		await page.getByText("This ticket holds as much as it can.").waitFor();
		await page.getByLabel("Your reply").fill("second");
		await page.getByRole("button", { name: "Back to the editor" }).click();
		const reply = page.getByLabel("Your reply");
		expect(await reply.inputValue()).toBe("first\n\nsecond");
		expect(await hasFocus(reply)).toBe(true);
	});

	test("send a reply again that was refused, once the ticket is open again", async () => {
		const { page } = await portal.open("other");
		const id = await openTicket(page, "Closed meanwhile");
		await page.route(`**/tickets/${id}/messages`, async (route) => {
			await portal.asStaff(`tickets/${id}/actions/close`, null);
			await route.continue();
		});
		await page.getByLabel("Your reply").fill("One more thing.");
		await page.getByRole("button", { name: "Send", exact: true }).click();
		await page.getByText("The ticket was closed meanwhile.").waitFor();
		await page.unroute(`**/tickets/${id}/messages`);
		await answered(page, /\/actions\/reopen$/, () =>
			page.getByRole("button", { name: "Open it again" }).click(),
		);
		const sent = await answered(page, /\/messages$/, () =>
			page.getByRole("button", { name: "Try again" }).click(),
		);
		expect(sent).toBe(201);
		await page.getByText("This reply was not sent").waitFor({
			state: "detached",
		});
		await page.getByRole("article").getByText("One more thing.").waitFor();
	});

	test("close at once, and take it back for all to see when that failed", async () => {
		const { page } = await portal.open("other");
		const id = await openTicket(page, "Turned");
		const looked = Promise.withResolvers<void>();
		await page.route(`**/tickets/${id}/actions/close`, async (route) => {
			await looked.promise;
			await route.abort("connectionreset");
		});
		await page.getByRole("button", { name: "Close the ticket" }).click();
		await page.getByText("This ticket is closed.").waitFor();
		looked.resolve();
		await page
			.getByRole("alert")
			.getByText("The ticket was not closed; it is open as before")
			.waitFor();
		await page.getByLabel("Your reply").waitFor();
		await page.unroute(`**/tickets/${id}/actions/close`);
		// It is shown before the answer is here; what is asked next may overtake it.
		await answered(page, /\/actions\/close$/, () =>
			page.getByRole("button", { name: "Try again" }).click(),
		);
		await page.getByText("This ticket is closed.").waitFor();
		await page.getByRole("button", { name: "Open it again" }).click();
		await page.getByLabel("Your reply").waitFor();
	});

	test("change who gets copies, and name the address that is none", async () => {
		const { page } = await portal.open("other");
		await openTicket(page, "Copies");
		const change = page.getByRole("button", { name: "Change who gets copies" });
		await change.click();
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Copies to").fill("c@example.com nobody");
		await dialog.getByRole("button", { name: "Save" }).click();
		await dialog.getByText("Not an e-mail address: nobody").waitFor();
		await dialog.getByLabel("Copies to").fill("c@example.com");
		await dialog.getByRole("button", { name: "Save" }).click();
		await dialog.waitFor({ state: "detached" });
		await page.getByRole("complementary").getByText("c@example.com").waitFor();
		await expect.poll(() => hasFocus(change), patient).toBe(true);
	});

	test("ask why a ticket is critical, and explain that one an hour is taken", async () => {
		const { page } = await portal.open("prepaid");
		for (const subject of ["All down", "All down again"]) {
			await portal.go(page, "/tickets/new");
			await page.getByLabel("Subject").fill(subject);
			await page.getByLabel("Message").fill("Nothing answers.");
			await page.getByLabel("Priority").selectOption("critical");
			await page
				.getByLabel("How are your customers affected?")
				.fill("None of them can order.");
			await page.getByRole("button", { name: "Open the ticket" }).click();
			if (subject === "All down")
				await page.getByRole("heading", { name: subject }).waitFor();
		}
		await page
			.getByText("You have sent a critical ticket within this hour")
			.waitFor();
		await page.getByRole("button", { name: "Make it urgent instead" }).click();
		await page.getByRole("button", { name: "Open the ticket" }).click();
		await page.getByRole("heading", { name: "All down again" }).waitFor();
		await page.getByRole("complementary").getByText("Urgent").waitFor();
	});

	test("show answers of the staff as they come, in the list too, and find tickets by words, number and status", async () => {
		const { page } = await portal.open("other");
		const id = await openTicket(page, "Nightly backup");
		await portal.asStaff(`tickets/${id}/messages`, {
			message: "We have looked at it.",
		});
		await page.getByText("We have looked at it.").waitFor();
		await page.getByRole("link", { name: "Tickets", exact: true }).click();
		const list = page.getByRole("list", { name: "Tickets" });
		const row = list.getByRole("listitem").filter({ hasText: "Nightly" });
		await row.getByText("Answered").waitFor();
		await portal.asStaff(`tickets/${id}/actions/hold`, null);
		await row.getByText("On hold").waitFor();
		await page.getByLabel("Status").selectOption("on_hold");
		await expect
			.poll(() => list.getByRole("listitem").count(), patient)
			.toBe(1);
		await portal.asStaff(`tickets/${id}/actions/close`, null);
		await page.getByText("No ticket matches.").waitFor();
		await page.getByLabel("Status").selectOption("");
		await page.getByLabel("Search in your tickets").fill("looked");
		await page.waitForURL(/q=looked/);
		await expect
			.poll(() => list.getByRole("listitem").count(), patient)
			.toBe(1);
		await row.getByRole("link").click();
		await page.getByRole("heading", { name: "Nightly backup" }).waitFor();
		await page.goBack();
		await row.waitFor();
		await expect
			.poll(() => hasFocus(row.getByRole("link")), patient)
			.toBe(true);
	});
});
