import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { FeedServer } from "../../test/agent/feed-server.ts";
import { scratchFolder } from "../../test/agent/scratch.ts";
import { agentEnvironment } from "../../test/agent/start-agent.ts";
import { FeedInvalid } from "../replica.ts";
import { showPlan } from "./show-plan.ts";

/** A machine on which nothing of the agent is there but its configuration. */
async function machine() {
	const server = new FeedServer();
	const url = await server.listen();
	onTestFinished(() => server.close());
	server.become(["192.0.2.1", "2001:db8::1"]);
	const folder = scratchFolder();
	const folders = join(folder, "of-the-agent");
	mkdirSync(folders);
	const configPath = join(folder, "agent.conf");
	const env = {
		...agentEnvironment(server, url, folder),
		POSTERN_AGENT_STATE_FOLDER: join(folders, "state"),
		POSTERN_AGENT_RUNTIME_FOLDER: join(folders, "run"),
		POSTERN_AGENT_FILE_FOLDER: join(folders, "list"),
		POSTERN_AGENT_DRIVER: "file",
	};
	const lines = Object.entries(env).map(([name, value]) => {
		const key = name.replace("POSTERN_AGENT_", "").toLowerCase();
		return `${key.replaceAll("_", "-")} = ${value}\n`;
	});
	writeFileSync(configPath, lines.join(""));
	const said: string[] = [];
	const output = vi
		.spyOn(process.stdout, "write")
		.mockImplementation((text) => {
			said.push(String(text));
			return true;
		});
	onTestFinished(() => output.mockRestore());
	const plan = () => showPlan({ configPath, isJson: false, isOnce: false });
	return { server, said, plan, left: () => readdirSync(folders) };
}

test("a plan says what would change, and leaves nothing behind", async () => {
	const { said, plan, left } = await machine();
	expect(await plan()).toBe(0);
	expect(said.join("")).toContain("+ 192.0.2.1\n+ 2001:db8::1\n");
	expect(left()).toEqual([]);
});

test.each(["html", "redirect", "error"] as const)(
	"an answer that is no snapshot is said to be none: %s",
	async (fault) => {
		const { server, said, plan } = await machine();
		server.snapshotFaults.push(fault);
		await expect(plan()).rejects.toThrow(
			fault === "error" ? "the server answers 503" : FeedInvalid,
		);
		expect(said).toEqual([]);
	},
);
