/** The commands of the operator, on a database that a server has and on one that nobody has. */
import { writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { joinDatabase } from "./open-database.ts";
import {
	goneWithin,
	postgresPid,
	readDemo,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();
const dataDir = processes.newDataDir();
const env = { POSTERN_DATA_DIR: dataDir };

/** Runs a command that is to succeed; what it printed. */
async function print(...words: readonly string[]): Promise<string> {
	const { code, stdout, stderr } = await processes.run(words, env);
	expect(stderr).toBe("");
	expect(code).toBe(0);
	return stdout;
}

/** Runs a command that is to fail; what it said. */
async function complaint(...words: readonly string[]): Promise<string> {
	const { code, stdout, stderr } = await processes.run(words, env);
	expect(code, stdout).toBe(1);
	expect(stderr).not.toMatch(/^\s+at |node:internal/m);
	return stderr;
}

function ask(url: string, key: string, path = "/api/v2/me") {
	return fetch(`${url}${path}`, {
		headers: { authorization: `Bearer ${key}` },
	});
}

test("--help shows the help and touches nothing, and what is not understood is pointed to it", async () => {
	const [help, create, wrong] = await Promise.all([
		print("--help"),
		print("keys", "create", "--help"),
		complaint("keys", "crate"),
	]);
	expect(help).toMatch(/^Usage: postern \[options\] \[command\]\n/);
	expect(create).toContain("  reviewer    desk:review desk:tickets\n");
	expect(wrong).toMatch(/^postern: unknown command 'crate'\n/);
	expect(wrong).toMatch(/\nSee: postern keys --help\n$/);
	expect(await readdir(processes.folder)).toEqual([]);
});

describe("a data folder that nobody has", () => {
	test("is made ready by migrate, which doctor asks for before and finds done after", async () => {
		const ill = await processes.run(["doctor"], env);
		expect(ill).toMatchObject({ code: 1, stderr: "" });
		expect(ill.stdout).toMatch(
			/^FAIL {2}migrations {2}\d+ to run \(0001-skeleton\.sql, .*\)\. Run: postern migrate$/m,
		);
		expect(await complaint("keys", "list")).toMatch(
			/^postern: The database is not up to date: \d+ migrations? to run\. Run: postern migrate\n$/,
		);
		expect(await print("migrate")).toMatch(
			/^(Ran \S+\.sql\.\n)+The database is up to date\.\n$/,
		);
		expect(await print("migrate")).toBe("The database is up to date.\n");
		const healthy = await print("doctor");
		const checks = healthy.match(/^\w+ +\w+/gm) ?? [];
		expect(checks.every((line) => line.startsWith("ok "))).toBe(true);
		expect(checks.map((line) => line.split(/ +/)[1])).toEqual(
			expect.arrayContaining([
				"database",
				"version",
				"role",
				"migrations",
				"commits",
				"clock",
				"disk",
				"seals",
			]),
		);
		expect(await print("keys", "list")).toBe("There are no keys.\n");
	});
});

test("doctor says of a database that does not answer that it does not, and ends with 1", async () => {
	const DATABASE_URL = "postgres://postern:s3cret@127.0.0.1:1/postern";
	const { code, stdout, stderr } = await processes.run(["doctor"], {
		DATABASE_URL,
	});
	expect([code, stderr]).toEqual([1, ""]);
	expect(stdout).toContain(
		"FAIL  database    The database of DATABASE_URL does not answer (ECONNREFUSED). Start it, or correct host and port.\n",
	);
});

describe("beside a running server", () => {
	let server: Server;
	beforeAll(async () => {
		server = await processes.serve(env);
	});

	async function create(...words: readonly string[]) {
		const printed = await print("keys", "create", "--name", "A test", ...words);
		const found =
			/^(?:Added (staff_\w{26}) .*\n)?Created (key_\w{26})\. .*\n(pst_live_\w{36})\n$/.exec(
				printed,
			);
		return { staff: found?.[1], id: found?.[2] ?? "", key: found?.[3] ?? "" };
	}

	test("a key made for a client, by number or by id, works at once, and until it is revoked", async () => {
		const { clientId, legacyId } = (await readDemo(dataDir)).clients.other;
		const clients = [String(legacyId), clientId];
		const [byNumber, byId] = await Promise.all(
			clients.map((one) =>
				create("--client", one, "--scopes", "read:account, read:vm"),
			),
		);
		for (const made of [byNumber, byId]) {
			const answer = await ask(server.url, made?.key ?? "");
			expect(answer.status).toBe(200);
			expect(await answer.json()).toMatchObject({ id: clientId });
		}
		const narrow = await ask(server.url, byId?.key ?? "", "/api/v2/domains");
		expect(narrow.status).toBe(403);

		expect(await print("keys", "revoke", byId?.id ?? "")).toBe(
			`Revoked ${byId?.id} (A test).\n`,
		);
		const status = async () => (await ask(server.url, byId?.key ?? "")).status;
		await expect.poll(status, { timeout: 10_000, interval: 50 }).toBe(401);
		expect((await ask(server.url, byNumber?.key ?? "")).status).toBe(200);

		const listed = await print("keys", "list", "--client", String(legacyId));
		expect(listed).toMatch(
			new RegExp(`^${byId?.id} +revoked .*A test · read:account,read:vm$`, "m"),
		);
		expect(listed).toMatch(new RegExp(`^${byNumber?.id} +live `, "m"));
		expect(listed).not.toContain(byNumber?.key);
	});

	test("a new member of staff gets a key of the role, with an end", async () => {
		const { staff, id, key } = await create(
			...["--new-staff", "Ann Reviewer", "--role", "reviewer"],
			...["--scopes", "desk:review", "--expires", "2099-01-31T00:00:00Z"],
		);
		const desk = await ask(server.url, key, "/api/desk/port25-requests");
		expect(desk.status).toBe(200);
		expect(await print("keys", "list", "--staff", staff ?? "")).toMatch(
			new RegExp(`^${id} +live .*2099-01-31T00:00:00\\.000Z`, "m"),
		);
		const more = await create(
			...["--staff", staff ?? "", "--scopes", "desk:tickets"],
		);
		expect(
			(await ask(server.url, more.key, "/api/desk/port25-requests")).status,
		).toBe(403);
	});

	test("keys create says what is wrong, and leaves nothing behind", async () => {
		const someone = "staff_01hxa3b4c5d6e7f8g9h0j1k2m3";
		const refused: [readonly string[], RegExp][] = [
			[
				["--client", "30003", "--scopes", "read:vm,desk:review"],
				/^postern: This key may hold only: read:account, .*\n$/,
			],
			[
				["--new-staff", "Bo", "--scopes", "read:vm"],
				/^postern: This key may hold only: desk:review, desk:tickets\.\n$/,
			],
			[
				["--client", "99999", "--scopes", "read:vm"],
				/^postern: There is no client with the number 99999\.\n$/,
			],
			[
				["--staff", someone, "--scopes", "desk:review"],
				/^postern: There is no active member of staff staff_\w{26}\.\n$/,
			],
			[
				["--client", "30003", "--staff", someone, "--scopes", "read:vm"],
				/^postern: Say whom the key is for: one of --client, --staff and --new-staff\.\n$/,
			],
			[
				[
					...["--client", "30003", "--scopes", "read:vm"],
					...["--expires", "2020-01-31T00:00:00Z"],
				],
				/^postern: `expiresAt` must be in the future\.\n$/,
			],
		];
		const said = await Promise.all(
			refused.map(([words]) =>
				complaint("keys", "create", "--name", "x", ...words),
			),
		);
		for (const [i, [, expected]] of refused.entries())
			expect(said[i]).toMatch(expected);
		const { owner, close } = await joinDatabase(dataDir);
		const { rows } = await owner.query(
			"select name from staff where name = 'Bo' union all select name from api_keys where name = 'x'",
		);
		await close();
		expect(rows).toEqual([]);
	});

	test("keys revoke wants the id of a key and does not repeat what else it was given", async () => {
		const { key } = (await readDemo(dataDir)).clients.other;
		const said = await complaint("keys", "revoke", key);
		expect(said).toBe(
			"postern: That is not the id of a key. It begins with key_: see `postern keys list`.\n",
		);
		expect(
			await complaint("keys", "revoke", "key_01hxa3b4c5d6e7f8g9h0j1k2m3"),
		).toBe("postern: There is no key key_01hxa3b4c5d6e7f8g9h0j1k2m3.\n");
	});

	test("an agent is added with a key that works, gets another one, is disabled, enabled and removed", async () => {
		const statusOf = async (key: string) =>
			(await ask(server.url, key, "/api/edge/snapshot")).status;
		const added = await print("edge", "add-agent", "default", "hv-1");
		const [, id = "", key = ""] =
			/^Added (agent_\w{26}) \(hv-1 at default\)\.\n.*\n(pst_live_\w{36})\n$/.exec(
				added,
			) ?? [];
		expect(await print("edge", "list", "--site", "default")).toMatch(
			new RegExp(`^${id}  new .* never .* default  hv-1$`, "m"),
		);
		expect(await statusOf(key)).toBe(200);
		expect(await print("edge", "list", "--site", "default")).toMatch(
			new RegExp(`^${id}  unarmed .* never .* default  hv-1$`, "m"),
		);
		expect(await complaint("edge", "add-agent", "default", "HV-1")).toBe(
			"postern: Another agent of the site has this name.\n",
		);
		expect(await complaint("edge", "add-agent", "nowhere", "hv-1")).toBe(
			"postern: There is no site nowhere. Sites: default.\n",
		);
		const rolled = await print("edge", "roll-key", id);
		const second = /pst_live_\w{36}/.exec(rolled)?.[0] ?? "";
		expect(await statusOf(second)).toBe(200);
		await vi.waitUntil(async () => (await statusOf(key)) === 401, {
			timeout: 10_000,
		});
		for (const [action, state, status] of [
			["disable", "disabled", 401],
			["enable", "unarmed", 200],
			["remove", "removed", 401],
		] as const) {
			expect(await print("edge", action, id)).toBe(
				`${id} (hv-1 at default): ${state}.\n`,
			);
			await vi.waitUntil(async () => (await statusOf(second)) === status, {
				timeout: 10_000,
			});
		}
		expect(await complaint("edge", "accept", id)).toBe(
			`postern: There is no agent ${id}.\n`,
		);
		expect(await complaint("edge", "remove", key)).toBe(
			"postern: That is not the id of an agent. It begins with agent_: see `postern edge list`.\n",
		);
	}, 120_000);

	describe("verify-receipt", () => {
		const same =
			"The same: the stored policy and facts give the stored verdict.\n";
		let id = "";
		let receipt: { receipt: { evaluation: object; facts: object } };

		beforeAll(async () => {
			const { clients, staffKey } = await readDemo(dataDir);
			const { key, vps } = clients.trusted;
			const submitted = await fetch(
				`${server.url}/api/v2/support/port25-requests`,
				{
					method: "POST",
					headers: {
						authorization: `Bearer ${key}`,
						"content-type": "application/json",
					},
					body: JSON.stringify({ vpsId: vps[1]?.id, reason: "Receipts." }),
				},
			);
			id = String(Object(await submitted.json()).id);
			const path = `/api/desk/port25-requests/${id}/receipt`;
			receipt = Object(await (await ask(server.url, staffKey, path)).json());
		});

		function write(name: string, content: unknown): string {
			const path = join(processes.folder, name);
			writeFileSync(path, JSON.stringify(content));
			return path;
		}

		test("finds a decision of the database the same, and the desk's receipt in a file", async () => {
			expect(await print("verify-receipt", id)).toBe(same);
			expect(
				await print("verify-receipt", write("receipt.json", receipt)),
			).toBe(same);
		});

		test("says what differs in a receipt that was tampered with, and ends with 1", async () => {
			const { evaluation, facts } = receipt.receipt;
			const verdict = { ...evaluation, verdict: "review" };
			const changed = { ...receipt.receipt, evaluation: verdict };
			const path = write("verdict.json", { ...receipt, receipt: changed });
			expect(await processes.run(["verify-receipt", path], env)).toMatchObject({
				code: 1,
				stderr: "",
				stdout:
					'NOT the same as the receipt says:\n  evaluation.verdict: the receipt says "review", the replay "approve"\n',
			});
			const otherFacts = write("facts.json", {
				...receipt,
				receipt: { ...receipt.receipt, facts: { ...facts, more: 1 } },
			});
			expect(
				await processes.run(["verify-receipt", otherFacts], env),
			).toMatchObject({
				code: 1,
				stdout: expect.stringMatching(/^ {2}factsHash: /m),
			});
		});

		test("takes neither another file nor a request that is not there", async () => {
			const unknown = "p25_01hxa3b4c5d6e7f8g9h0j1k2m3";
			expect(await complaint("verify-receipt", unknown)).toBe(
				`postern: There is no request ${unknown}.\n`,
			);
			expect(await complaint("verify-receipt", write("no.json", {}))).toMatch(
				/^postern: .*no\.json is no receipt\. .*\n$/,
			);
			expect(await complaint("verify-receipt", "nowhere.json")).toBe(
				"postern: nowhere.json is neither the id of a request (p25_…) nor a file that can be read.\n",
			);
		});

		test("starts the database for itself when nothing runs, and ends it again", async () => {
			const before = await postgresPid(dataDir);
			await server.stop();
			await goneWithin(before, 5_000);
			expect(await print("verify-receipt", id)).toBe(same);
			await expect(postgresPid(dataDir)).rejects.toThrow("no PostgreSQL");
		});
	});
});
