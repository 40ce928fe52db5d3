import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	afterAll,
	afterEach,
	assert,
	beforeAll,
	beforeEach,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { descendantsOf, killQuietly } from "../../test/agent/agent-process.ts";
import { driverSuite, targetOf } from "../../test/agent/driver-suite.ts";
import { nftIn } from "../../test/agent/nft-in.ts";
import { putProgram } from "../../test/agent/put-program.ts";
import { scratchFolder } from "../../test/agent/scratch.ts";
import { sayWhenSkipped } from "../../test/lab/figures.ts";
import {
	type Namespace,
	openNamespace,
	whyNoLab,
} from "../../test/lab/namespace.ts";
import { setOf } from "../ruleset-elements.ts";
import { readTable } from "../ruleset-listing.ts";
import { DriverFailed, type Suspicion } from "./driver.ts";
import { Nftables } from "./nftables.ts";

const canLab = sayWhenSkipped("the driver nftables", whyNoLab());

describe.runIf(canLab)("in a namespace", () => {
	let space: Namespace;

	beforeAll(async () => {
		space = await openNamespace("driver");
	});
	afterAll(() => space.close());

	for (const family of ["inet", "bridge"] as const)
		driverSuite(`nftables (${family})`, async () => {
			const folder = mkdtempSync(join(tmpdir(), "postern-agent-"));
			const program = nftIn(space, folder);
			const element = (verb: string, text: string) =>
				void space.run([
					"nft",
					verb,
					"element",
					family,
					"port25",
					setOf(text),
					`{ ${text} }`,
				]);
			return {
				open: () =>
					new Nftables({
						ruleset: {
							family,
							customerInterfaces: ["tap*"],
							refusal: family === "inet" ? "reject" : "drop",
						},
						program,
						folder,
						log: () => {},
					}),
				foreign: {
					add: (text) => element("add", text),
					delete: (text) => element("delete", text),
					flush: () => void space.run(["nft", "flush", "ruleset"]),
				},
				knowsNames: true,
				close: async () => {
					space.run(["nft", "flush", "ruleset"]);
					rmSync(folder, { recursive: true });
				},
			};
		});

	describe("when there is no room, or no monitor", () => {
		beforeEach(() => void space.run(["nft", "flush", "ruleset"]));
		const some = targetOf(["192.0.2.1", "192.0.2.2"], 1);
		const rules = () =>
			space
				.run(["nft", "list", "table", "inet", "port25"])
				.includes("dport 25");

		const bindings = [
			{ interface: "tap1", addresses: ["192.0.2.1", "2001:db8::1"] },
			{ interface: "tap2", addresses: ["192.0.2.2"] },
		];

		/** A driver that finds what another one has left, and takes that for many elements. */
		async function startOverMany(family: "inet" | "bridge" = "inet") {
			const folder = scratchFolder();
			const open = () => {
				const driver = new Nftables({
					ruleset: {
						family,
						customerInterfaces: ["tap*"],
						refusal: "drop",
						...(family === "inet" ? {} : { bindings }),
					},
					program: nftIn(space, folder),
					folder: join(folder, "run"),
					log: () => {},
					watchTimes: { monitorElementsMax: 1, rulesMs: 50, compareMs: 200 },
				});
				onTestFinished(() => driver.close());
				return driver;
			};
			const first = open();
			await first.open();
			await first.replace(some);
			first.close();
			const driver = open();
			await driver.open();
			const suspicions: Suspicion[] = [];
			let told = () => {};
			await driver.watch((suspicion) => {
				suspicions.push(suspicion);
				told();
			});
			await driver.replace(some);
			const next = async (passes: (one: Suspicion) => boolean) => {
				while (!suspicions.some(passes))
					await new Promise<void>((resolve) => {
						told = resolve;
					});
			};
			return { driver, folder, next };
		}

		test.each(["inet", "bridge"] as const)(
			"finds rules that somebody took away, without a monitor (%s)",
			async (family) => {
				const { driver, next } = await startOverMany(family);
				space.run(["nft", "flush", "table", family, "port25"]);
				await next(({ isBroken }) => isBroken === true);
				await driver.replace(some);
				space.run(`nft insert rule ${family} port25 entry accept`.split(" "));
				await next(({ isBroken }) => isBroken === true);
			},
		);

		test("has the elements compared now and then, without a monitor", async () => {
			const { driver, next } = await startOverMany();
			space.run("nft add element inet port25 a4 {192.0.2.66}".split(" "));
			await next(({ isGone, isBroken }) => !isGone && isBroken === undefined);
			expect((await driver.list()).elements.size).toBe(3);
		});

		test("closes when its folder cannot be written, and tells that the rest cannot be done", async () => {
			const { driver, folder } = await startOverMany();
			rmSync(join(folder, "run"), { recursive: true });
			space.run(["nft", "flush", "ruleset"]);
			await driver.shut();
			expect(rules()).toBe(true);
			expect(await driver.standing()).toBe("closed");
			const failing = driver.replace(some);
			await expect(failing).rejects.toThrow(DriverFailed);
			await expect(failing).rejects.toThrow("cannot be written");
			expect(rules()).toBe(true);
		});

		test.each([
			["a table that is gone", "flush ruleset", "isGone"],
			["rules that are", "flush table inet port25", "isBroken"],
		] as const)(
			"after a write that failed, still tells of %s",
			async (_, hurt, how) => {
				const { driver, folder, next } = await startOverMany();
				rmSync(join(folder, "run"), { recursive: true });
				await expect(driver.replace(some)).rejects.toThrow(DriverFailed);
				space.run(["nft", ...hurt.split(" ")]);
				await next((suspicion) => suspicion[how] === true);
			},
		);
	});

	describe("when nft does not do what it should", () => {
		let folder: string;
		beforeEach(() => {
			space.run(["nft", "flush", "ruleset"]);
			folder = mkdtempSync(join(tmpdir(), "postern-agent-"));
		});
		afterEach(() => rmSync(folder, { recursive: true }));

		/** A driver whose nft does something else before it does its work, as a shell has it. */
		function start(spell: string, programMs = 30_000, sessionMs = 400) {
			const real = nftIn(space, folder);
			const program = join(folder, "spelled");
			putProgram(program, `#!/bin/sh\n${spell}\nexec ${real} "$@"\n`);
			const lines: string[] = [];
			const driver = new Nftables({
				ruleset: {
					family: "inet",
					customerInterfaces: ["tap*"],
					refusal: "reject",
				},
				program,
				folder,
				log: (line) => lines.push(line),
				timeouts: { sessionMs, programMs },
			});
			onTestFinished(() => driver.close());
			return { driver, lines };
		}
		const some = targetOf(["192.0.2.1", "192.0.2.2"], 1);
		const less = targetOf(["192.0.2.2"], 2);
		const revoke = { del: ["192.0.2.1"], add: [] };
		const kernel = () =>
			readTable(space.run(["nft", "-j", "list", "table", "inet", "port25"]))
				.elements.v4;
		/** Makes the kernel hold something first, by a driver without a spell. */
		async function prepare() {
			const driver = new Nftables({
				ruleset: {
					family: "inet",
					customerInterfaces: ["tap*"],
					refusal: "reject",
				},
				program: nftIn(space, folder),
				folder,
				log: () => {},
			});
			await driver.open();
			await driver.replace(some);
			driver.close();
		}

		test.each([
			["ends at once", 'case "$*" in *-i*) exit 1;; esac'],
			["hangs", 'case "$*" in *-i*) exec sleep 60;; esac'],
		])("a session that %s is replaced by a program", async (_, spell) => {
			await prepare();
			const { driver, lines } = start(spell);
			await driver.apply(revoke, less);
			expect(kernel()).toEqual(["192.0.2.2"]);
			expect(lines.join()).toContain("once more with a program");
		});

		test("a session that is killed in between is begun anew", async () => {
			await prepare();
			const { driver } = start("");
			await driver.apply(revoke, less);
			for (const pid of descendantsOf(process.pid))
				if (commandOf(pid).includes("-j -i")) killQuietly(pid);
			await driver.apply(
				{ del: [], add: ["192.0.2.1"] },
				targetOf(["192.0.2.1", "192.0.2.2"], 3),
			);
			expect(kernel()).toEqual(["192.0.2.1", "192.0.2.2"]);
			expect(await driver.standing()).toMatchObject({ rev: 3 });
		});

		test.each([
			[
				"says no",
				"echo 'Error: No buffer space available' >&2; exit 1",
				"No buffer space available",
			],
			["hangs", "exec sleep 60", "did not end"],
			["is killed", "kill -9 $$", "nft was ended (SIGKILL)"],
		])(
			"a program that %s changes nothing, and it is told",
			async (_, spell, told) => {
				await prepare();
				const { driver } = start(
					spell,
					told === "did not end" ? 800 : undefined,
				);
				for (const begin of [
					() => driver.apply(revoke, less),
					() => driver.replace(less),
				]) {
					const failure = await begin().catch((error: unknown) => error);
					expect(failure).toBeInstanceOf(DriverFailed);
					expect(String(failure)).toContain(told);
				}
				await expect(driver.list()).rejects.toThrow(told);
				expect(kernel()).toEqual(["192.0.2.1", "192.0.2.2"]);
			},
		);

		/** A driver that watches, with the id of its monitor, to be stopped: it tells late then. */
		async function startWatching() {
			const { driver } = start("", 30_000, 30_000);
			const suspicions: Suspicion[] = [];
			await driver.open();
			await driver.watch((suspicion) => suspicions.push(suspicion));
			const monitor = descendantsOf(process.pid).find((pid) =>
				commandOf(pid).includes("-e monitor"),
			);
			assert(monitor);
			return { driver, suspicions, monitor };
		}

		test("a monitor that tells late of a table that is back already gives only the name, and the watch goes on", async () => {
			const { driver, suspicions, monitor } = await startWatching();
			await driver.replace(some);
			for (let times = 1; times <= 2; times++) {
				process.kill(monitor, "SIGSTOP");
				space.run(["nft", "flush", "ruleset"]);
				await expect.poll(() => suspicions.length).toBe(2 * times - 1);
				await driver.shut();
				await driver.replace(some);
				process.kill(monitor, "SIGCONT");
				await expect.poll(() => suspicions.length).toBe(2 * times);
			}
			const seen = { by: null, isGone: true };
			const named = {
				by: expect.stringMatching(/^nft \(\d+\)$/),
				isGone: false,
				wasGone: true,
			};
			expect(suspicions).toEqual([seen, named, seen, named]);
		});

		test("rules that others took away before they were learnt are learnt anew, and that is all", async () => {
			const readings = join(folder, "readings");
			const emptied = join(folder, "emptied");
			const isReading = `case "$*" in *"-t list ruleset"*) echo >> ${readings};;`;
			const flush = `${join(folder, "nft")} flush ruleset`;
			const { driver } = start(
				`${isReading} esac
				[ ! -e ${emptied} ] || ! [ -s ${readings} ] || { rm ${emptied}; ${flush}; }`,
				30_000,
				30_000,
			);
			const suspicions: Suspicion[] = [];
			writeFileSync(emptied, "");
			await driver.open();
			expect(space.run("nft list ruleset".split(" "))).toBe("");
			await driver.watch((suspicion) => suspicions.push(suspicion));
			await driver.shut();
			// The slower a reading is, the longer it is until the next.
			const patience = { timeout: 90_000 };
			await expect
				.poll(() => suspicions, patience)
				.toContainEqual(expect.objectContaining({ isBroken: true }));
			// Two loads in a row have to show the same.
			await driver.shut();
			await expect.poll(() => suspicions.length, patience).toBe(2);
			await driver.shut();
			const before = suspicions.length;
			const count = () => readFileSync(readings, "utf8").length;
			const from = count();
			await expect.poll(count, patience).toBeGreaterThan(from + 1);
			expect(suspicions).toHaveLength(before);
			expect(await driver.standing()).toBe("closed");
		});

		test("a change of what is gone is told as that, so that it is closed first", async () => {
			await prepare();
			const { driver, suspicions, monitor } = await startWatching();
			process.kill(monitor, "SIGSTOP");
			space.run(["nft", "flush", "ruleset"]);
			await expect(driver.apply(revoke, less)).rejects.toThrow(DriverFailed);
			expect(suspicions.at(-1)).toEqual({ by: null, isGone: true });
		});

		test("a listing in which an element comes twice is made again", async () => {
			await prepare();
			const torn = join(folder, "torn");
			const real = join(folder, "nft");
			const { driver } = start(
				`case "$*" in *"list table"*)
				if [ -e ${torn} ]; then ${real} "$@" | sed s/192.0.2.2/192.0.2.1/; rm ${torn}; exit; fi;;
				esac`,
			);
			writeFileSync(torn, "");
			const { elements } = await driver.list();
			expect(existsSync(torn)).toBe(false);
			expect([...elements.texts()]).toEqual(["192.0.2.1", "192.0.2.2"]);
		});

		test("the closed gate is intact as well as the table, and neither is the other", async () => {
			const { driver } = start("", 30_000, 30_000);
			const isIntact = async () => (await driver.list()).isIntact;
			await driver.open();
			await driver.watch(() => {});
			expect(await isIntact()).toBe(true);
			await driver.shut();
			expect(await isIntact()).toBe(true);
			space.run("nft insert rule inet port25 entry accept".split(" "));
			expect(await isIntact()).toBe(false);
			await driver.replace(some);
			expect(await isIntact()).toBe(true);
		});

		test("a program that is not there is told", async () => {
			const driver = new Nftables({
				ruleset: {
					family: "inet",
					customerInterfaces: ["tap*"],
					refusal: "reject",
				},
				program: join(folder, "none"),
				folder,
				log: () => {},
			});
			onTestFinished(() => driver.close());
			await expect(driver.open()).rejects.toThrow(
				/none: not found|cannot be run/,
			);
			await expect(driver.replace(some)).rejects.toThrow("cannot be run");
		});
	});
});

function commandOf(pid: number): string {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
	} catch {
		// It has ended since.
		return "";
	}
}
