/**
 * The main job of the pages, from asking to open, with everything real between: the browser, the server, a worker, and the
 * agent as it is delivered, which writes the list of a mail gate (driver `file`).
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { listName } from "../../agent/drivers/file.ts";
import { bundleAgent, startAgentProcess } from "../agent/agent-process.ts";
import { hasBrowser } from "./browser.ts";
import { usePortal } from "./portal-pages.ts";

const portal = usePortal();
const { processes } = portal;

let lists: string;

async function startAgent(): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "postern-gate-"));
	lists = join(folder, "lists");
	await mkdir(lists);
	const keyFile = join(folder, "key");
	await writeFile(keyFile, `${portal.demo().edgeKey}\n`, { mode: 0o600 });
	const program = await bundleAgent();
	const agent = startAgentProcess({
		program,
		env: {
			POSTERN_AGENT_SERVER: portal.server().url,
			POSTERN_AGENT_ALLOW_HTTP: "yes",
			POSTERN_AGENT_KEY_FILE: keyFile,
			POSTERN_AGENT_AGENT: "gate-1",
			POSTERN_AGENT_DRIVER: "file",
			POSTERN_AGENT_FILE_FOLDER: lists,
			POSTERN_AGENT_FILE_TRUSTED: "yes",
			POSTERN_AGENT_STATE_FOLDER: join(folder, "state"),
			POSTERN_AGENT_RUNTIME_FOLDER: join(folder, "run"),
			POSTERN_AGENT_CLOSED_GATE: join(folder, "closed-gate"),
		},
	});
	processes.atEnd(async () => {
		await agent.kill();
		await rm(folder, { recursive: true });
		await rm(dirname(program), { recursive: true });
	});
	await agent.said((line) => line.includes("armed"));
}

beforeAll(async () => {
	if (hasBrowser) await startAgent();
});

describe.skipIf(!hasBrowser)("asking for port 25 at /support", () => {
	test("leads to “open” under one's eyes, when the agent at the edge has made it true", async () => {
		const { page, errors } = await portal.open("trusted");
		const address = "203.0.113.12";
		await page
			.getByRole("button", { name: `Ask to open: mx2.example.com, ${address}` })
			.click();
		await page.getByLabel("What will you send?").fill("Order confirmations.");
		await page.getByRole("button", { name: "Send the request" }).click();
		await page.getByText("Approved.").first().waitFor();
		await page.keyboard.press("Escape");
		const row = page.getByRole("listitem").filter({ hasText: address });
		await row.getByText("Open", { exact: true }).waitFor();
		await row.getByText("gets through").waitFor();
		const list = await readFile(join(lists, listName), "utf8");
		expect(list).toContain(address);
		await row.getByRole("link", { name: "mx2.example.com" }).click();
		await page.getByText("Order confirmations.").waitFor();
		await page.getByText("opened", { exact: false }).first().waitFor();
		expect(errors).toEqual([]);
	});

	test("is followed through review by a person, with the answer and what to do next", async () => {
		const { page, errors } = await portal.open("prepaid");
		const address = "198.51.100.22";
		const row = page
			.getByRole("list")
			.first()
			.getByRole("listitem")
			.filter({ hasText: address });
		await row.getByRole("link", { name: "test.example.net" }).click();
		await page.getByRole("heading", { name: "test.example.net" }).waitFor();
		await page.getByRole("button", { name: /^Ask to open/ }).click();
		await page.getByText("A person will decide").waitFor();
		await page.getByLabel("What will you send?").fill("Tests.");
		await page.getByRole("button", { name: "Send the request" }).click();
		await page.getByText("Sent. This page follows it.").waitFor();
		await page.keyboard.press("Escape");
		await row.getByText("In review").waitFor();
		const { data } = (await portal.asStaff(
			"port25-requests?state=pending",
		)) as { data: { id: string }[] };
		await portal.asStaff(`port25-requests/${data[0]?.id}/actions/reject`, {
			reason: "Say what the tests send, and to whom.",
		});
		await row.getByText("Closed").waitFor();
		await row.getByText("Because: Say what the tests send").waitFor();
		await page.getByRole("heading", { name: "What to do next" }).waitFor();
		await page.getByText("was rejected recently").waitFor();
		await page.getByText("Answer: Say what the tests send").waitFor();
		await portal.asStaff(`port25-requests/${data[0]?.id}/actions/reopen`, {
			reason: "They wrote.",
		});
		await row.getByText("In review").waitFor();
		await portal.asStaff(`port25-requests/${data[0]?.id}/actions/approve`, {});
		await row.getByText("Open", { exact: true }).waitFor();
		expect(errors).toEqual([]);
	});

	test("can be taken back while nobody has decided", async () => {
		const { page } = await portal.open("prepaid");
		const vps = portal.demo().clients["prepaid"]?.vps[3];
		await portal.asCustomer("prepaid", "support/port25-requests", {
			...{ vpsId: vps?.id, reason: "A newsletter." },
		});
		await portal.go(page, `/servers/${vps?.id}`);
		await page.getByRole("button", { name: "Withdraw" }).click();
		const dialog = page.getByRole("dialog");
		await dialog.getByRole("button", { name: "Withdraw" }).click();
		await dialog.waitFor({ state: "detached" });
		await page.getByText("Withdrawn", { exact: true }).waitFor();
		await page.getByRole("button", { name: /^Ask to open/ }).waitFor();
	});
});
