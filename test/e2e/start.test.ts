/** What a newcomer meets: the first start, what it prints, and the next ones. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isId } from "../../server/kernel/id.ts";
import {
	readDemo,
	root,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();
// Nothing is configured but the port.
const dataDir = join(processes.folder, "data");

/** From the start of the process to the end of the first answer, in milliseconds. */
async function firstAnswerMs(server: Server): Promise<number> {
	const answer = await fetch(`${server.url}/readyz`);
	expect(answer.status).toBe(200);
	await answer.text();
	return Math.round(performance.now() - server.startedAt);
}

function report(what: string, ms: number): void {
	process.stdout.write(`${what}: first answer after ${ms} ms\n`);
}

describe("the first start", () => {
	let server: Server;
	let keys: readonly string[];

	test("answers with the demo loaded", async () => {
		server = await processes.serve({});
		const ms = await firstAnswerMs(server);
		report("first start (target < 10 000 ms)", ms);
	});

	test("writes demo.json, for its owner's eyes only, in the documented shape", async () => {
		const { mode } = await stat(join(dataDir, "demo.json"));
		expect(mode & 0o777).toBe(0o600);
		const demo = await readDemo(dataDir);
		const id = (prefix: Parameters<typeof isId>[0]) =>
			expect.toSatisfy((text) => isId(prefix, text));
		const key = expect.stringMatching(/^pst_test_[0-9A-Za-z]{36}$/);
		const legacyId = expect.any(Number);
		const name = expect.any(String);
		const ip = expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/);
		const client = {
			key,
			readOnlyKey: key,
			clientId: id("client"),
			legacyId,
			vps: expect.toSatisfy((all) => Array.isArray(all) && all.length >= 2),
			hosting: [{ id: id("acct"), legacyId, name }],
			domains: [{ id: id("dom"), legacyId, name }],
		};
		expect(demo).toStrictEqual({
			baseUrl: server.url,
			staffKey: key,
			edgeKey: key,
			clients: {
				trusted: client,
				prepaid: client,
				unverified: client,
				other: client,
				suspended: client,
			},
		});
		for (const { vps } of Object.values(demo.clients)) {
			expect(vps.some(({ ip6 }) => ip6 !== null)).toBe(true);
			for (const one of vps)
				expect(one).toStrictEqual({
					id: id("vps"),
					legacyId,
					name,
					ip,
					ip6: one.ip6 === null ? null : expect.stringContaining(":"),
				});
		}
		expect(demo.clients.trusted.vps.length).toBeGreaterThanOrEqual(4);
		expect(demo.clients.prepaid.vps.length).toBeGreaterThanOrEqual(4);
		keys = [
			demo.staffKey,
			...Object.values(demo.clients).flatMap((one) => [
				one.key,
				one.readOnlyKey,
			]),
		];
		expect(new Set(keys).size).toBe(11);
	});

	test("prints the URL and the demo's clients, and no key anywhere", async () => {
		const written = server.written();
		expect(written).toContain(`Postern answers at ${server.url}\n`);
		for (const name of [
			"trusted",
			"prepaid",
			"unverified",
			"other",
			"suspended",
		])
			expect(written).toMatch(new RegExp(`^ +${name} +\\d+ +\\w`, "m"));
		expect(written).not.toMatch(/pst_(test|live)_/);
		expect(await readFile(join(dataDir, "postgres.log"), "utf8")).not.toMatch(
			/pst_/,
		);
	});

	test("prints a block that works as it was printed", async () => {
		const [block = ""] = await server.says(/^KEY=[\s\S]*?^ {2}\}'$/m);
		const { code, stdout } = await processes.startProgram(
			["/bin/bash", "-c", block],
			{},
		).ended;
		expect(block).toContain(`require("./data/demo.json")`);
		expect(code).toBe(0);
		expect(JSON.parse(stdout)).toEqual({
			id: expect.stringMatching(/^p25_/),
			vpsId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
			vpsName: "mail.example.com",
			ipAddress: "203.0.113.10",
			status: "approved",
			reason: expect.stringMatching(/^We send transactional email/),
			requestedAt: expect.any(String),
			resolvedAt: expect.any(String),
		});
	});

	test("ends in order", async () => {
		const { code, stderr } = await server.stop();
		expect(code).toBe(0);
		expect(stderr).not.toMatch(/error|warn/i);
		expect(server.written()).not.toContain('"level":"warn"');
	});

	test("is followed by one that has everything that was there", async () => {
		const again = await processes.serve({});
		const ms = await firstAnswerMs(again);
		report("later start (target < 2 000 ms)", ms);
		const demo = await readDemo(dataDir);
		expect(demo.baseUrl).toBe(again.url);
		expect([
			demo.staffKey,
			...Object.values(demo.clients).flatMap((one) => [
				one.key,
				one.readOnlyKey,
			]),
		]).toEqual(keys);
		const listed = await fetch(`${again.url}/api/v2/support/port25-requests`, {
			headers: { authorization: `Bearer ${demo.clients.trusted.key}` },
		});
		expect(await listed.json()).toMatchObject({
			data: [{ ipAddress: "203.0.113.10", state: "approved" }],
		});
		await again.stop();
	});
});

test("the README's block stands in README.md as a start in the clone prints it", async () => {
	const readme = await readFile(join(root, "README.md"), "utf8");
	const { exampleRequest } = await import("../../server/cli/banner.ts");
	const block = exampleRequest("http://127.0.0.1:3000", "data/demo.json");
	expect(readme).toContain(block.join("\n"));
});
