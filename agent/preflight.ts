/**
 * Whether this machine is one where the gate sees what it has to see. What is unclear is not armed: nobody is told that a
 * port is open, or closed, on the word of an agent that may be looking at the wrong traffic.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { Config } from "./config.ts";
import { firstLine } from "./drivers/nft-program.ts";
import { type Finding, note, ok, unclear } from "./finding.ts";
import { readLinks } from "./links.ts";
import { pathFindings } from "./paths.ts";
import { closedGateText, type RulesetOptions, rulesetText } from "./ruleset.ts";

/**
 * Looks at the machine, and changes nothing of it: some tens of milliseconds, however large the set is.
 *
 * @param seen patterns of interfaces of which one was there when it was looked before; those of now are added
 */
export async function preflight(
	config: Config,
	seen: Set<string>,
): Promise<readonly Finding[]> {
	const findings = [nodeFinding()];
	const limit = prefixesFinding(config);
	if (config.driver === "file")
		return [...findings, fileFinding(config), limit];
	const { ruleset, mayBeAbsent } = config;
	if (ruleset === null) return findings;
	return [
		...findings,
		await capabilityFinding(),
		await nftFinding(config),
		await rulesetFinding(config, ruleset),
		...(await pathFindings(await readLinks(), { ruleset, mayBeAbsent, seen })),
		await offloadFinding(config),
		await gateFinding(config, ruleset),
		limit,
	];
}

function nodeFinding(): Finding {
	const [major = 0] = process.versions.node.split(".").map(Number);
	return major >= 20
		? ok(`Node ${process.versions.node}`)
		: unclear(`Node ${process.versions.node} is older than 20`);
}

function prefixesFinding({ prefixes }: Config): Finding {
	return prefixes === null
		? note(
				"prefixes is not set: what is open here, and in which networks, is for Postern alone to say",
			)
		: ok(`opens nothing outside ${prefixes.texts.join(", ")}`);
}

function fileFinding({ fileReload, isFileTrusted }: Config): Finding {
	if (fileReload !== null) return ok(`${fileReload} takes the list`);
	return isFileTrusted
		? ok("the operator vouches for what reads the list (file-trusted)")
		: unclear(
				"nobody says that the list is enforced: set file-reload, or file-trusted",
			);
}

/** CAP_NET_ADMIN, capabilities(7). */
const netAdmin = 1n << 12n;

async function capabilityFinding(): Promise<Finding> {
	const status = await readFile("/proc/self/status", "utf8");
	const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
	return (BigInt(`0x${effective}`) & netAdmin) !== 0n
		? ok("CAP_NET_ADMIN")
		: unclear("without CAP_NET_ADMIN the table cannot be changed");
}

async function nftFinding({ nft }: Config): Promise<Finding> {
	const { output } = await run(nft, ["--version"]);
	const [, version, major = "0"] = /v((\d+)\.[\d.]+)/.exec(output ?? "") ?? [];
	if (version === undefined)
		return unclear(`${nft} does not run: install nftables`);
	return Number(major) >= 1
		? ok(`nft ${version}`)
		: unclear(`nft ${version} is older than 1.0`);
}

/** By a pipe, because a full disk says nothing about the kernel; of `cat`, because nft cannot open the one that Node makes. */
async function rulesetFinding(
	{ nft }: Config,
	ruleset: RulesetOptions,
): Promise<Finding> {
	const { output, complaint } = await run(
		"sh",
		["-c", 'cat | "$0" -c -f /dev/stdin', nft],
		rulesetText(ruleset),
	);
	return output === null
		? unclear(`the kernel does not take the ruleset: ${firstLine(complaint)}`)
		: ok("the kernel takes the ruleset");
}

/** Flows that were handed to a flow table pass no rule any more. */
async function offloadFinding({ nft }: Config): Promise<Finding> {
	const { output } = await run(nft, ["list", "flowtables"]);
	if (output === null) return unclear("flow tables cannot be listed");
	const names = [...output.matchAll(/flowtable (\S+) \{/g)].map(
		([, name]) => name,
	);
	return names.length === 0
		? ok("no flow offload")
		: unclear(
				`the flow table ${names.join(", ")} takes established connections past the table: a revoke would not end them`,
			);
}

async function gateFinding(
	{ closedGate }: Config,
	ruleset: RulesetOptions,
): Promise<Finding> {
	const text = await readFile(closedGate, "utf8").catch(() => null);
	if (text === closedGateText(ruleset)) return ok(`${closedGate} is in place`);
	return note(
		`${closedGate} is ${text === null ? "missing" : "out of date"}, so that after a boot everything is open until the agent runs: postern-agent gate > ${closedGate}`,
	);
}

interface Said {
	/** Null when it failed. */
	readonly output: string | null;
	readonly complaint: string;
}

function run(
	program: string,
	args: readonly string[],
	input = "",
): Promise<Said> {
	return new Promise((resolve) => {
		const child = execFile(
			program,
			args,
			{ timeout: 60_000, killSignal: "SIGKILL", maxBuffer: 64 * 1024 * 1024 },
			(error, stdout, stderr) =>
				resolve({
					output: error === null ? stdout : null,
					complaint: stderr || (error?.message ?? ""),
				}),
		);
		// A program that ends without reading it is no reason to end as well.
		child.stdin?.on("error", () => {});
		child.stdin?.end(input);
	});
}
