import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { sayWhenSkipped } from "./figures.ts";
import { openNamespace, whyNoLab } from "./namespace.ts";
import { openRoutedLab } from "./topology.ts";

const canLab = sayWhenSkipped("the lab's own tests", whyNoLab());

/** Interfaces, rules and named namespaces of the machine itself. */
function machine(): string {
	return ["ip -o link", "ip -o address", "ip netns list", "nft list ruleset"]
		.map((command) => spawnSync("sh", ["-c", command], { encoding: "utf8" }))
		.map(({ stdout, stderr }) => stdout + stderr)
		.join("\n")
		.replace(/\b(valid|preferred)_lft \S+/g, "");
}

/** Network namespaces in which any process of the machine lives. */
function liveNamespaces(): Set<string> {
	const live = new Set<string>();
	for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
		try {
			live.add(readlinkSync(`/proc/${pid}/ns/net`));
		} catch {
			// It ended in the meantime.
		}
	return live;
}

describe.runIf(canLab)("the lab", () => {
	test("leaves the machine as it was", async () => {
		const before = machine();
		const lab = await openRoutedLab();
		expect(machine()).toBe(before);
		await lab.close();
		expect(machine()).toBe(before);
	});

	test("is gone when the process that made it is killed", async () => {
		const topology = fileURLToPath(new URL("topology.ts", import.meta.url));
		const maker = spawn(
			process.execPath,
			[
				"--input-type=module",
				"--eval",
				`import { readlinkSync } from "node:fs";
				const { openRoutedLab } = await import(${JSON.stringify(topology)});
				const lab = await openRoutedLab();
				lab.edge.start(["sleep", "600"]);
				const spaces = [lab.one, lab.edge, lab.internet];
				console.log(spaces.map(({ pid }) => readlinkSync(\`/proc/\${pid}/ns/net\`)).join(" "));`,
			],
			{ stdio: ["ignore", "pipe", "inherit"] },
		);
		const [line] = await once(maker.stdout, "data");
		const made = String(line).trim().split(" ");
		expect(made).toHaveLength(3);
		for (const space of made) expect(liveNamespaces()).toContain(space);
		maker.kill("SIGKILL");
		await once(maker, "exit");
		await expect
			.poll(() => made.filter((space) => liveNamespaces().has(space)), {
				timeout: 15_000,
			})
			.toEqual([]);
	});

	test("says what went wrong inside, by name", async () => {
		const space = await openNamespace("alone");
		expect(() =>
			space.run(["nft", "list", "table", "inet", "nowhere"]),
		).toThrow(/^alone: nft list table inet nowhere: Error: No such file/);
		await expect(
			space.ask("serve", { address: "203.0.113.1", port: 25 }),
		).rejects.toThrow(/alone: serve: .*EADDRNOTAVAIL/);
		await space.close();
		await expect(
			space.ask("served", { peer: "203.0.113.1" }),
		).rejects.toThrow();
	});
});
