/**
 * The configuration of an agent: a file of `key = value` lines, and for each key a variable that wins over it. The only
 * place of the agent that reads the environment.
 */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { isAbsolute, join } from "node:path";
import { canonical } from "./canonical.ts";
import {
	ConfigInvalid,
	configKeys,
	parseLines,
	type Values,
	variableOf,
} from "./config-keys.ts";
import type { Server } from "./feed/request.ts";
import { Prefixes } from "./prefixes.ts";
import {
	type Binding,
	closedGateText,
	type RulesetOptions,
	rulesetText,
} from "./ruleset.ts";
import { version } from "./version.ts";

export interface Config {
	/** As given; read by `readServer`, because what is known without a server has to be enforced without one. */
	readonly server: {
		readonly address: string | null;
		readonly keyFile: string;
		readonly caFile: string | null;
		readonly mayBePlain: boolean;
	};
	/** The name of this machine. */
	readonly agent: string;
	readonly site: string | null;
	readonly prefixes: Prefixes | null;
	readonly driver: "nftables" | "file";
	/** Null where only a list is written, without a table. */
	readonly ruleset: RulesetOptions | null;
	/** Of the customer-side interfaces those that need not be there. */
	readonly mayBeAbsent: readonly string[];
	readonly nft: string;
	/** What lasts: the last known good set. */
	readonly stateFolder: string;
	/** What need not outlive a boot: lock, control socket, commands for nft. */
	readonly runtimeFolder: string;
	readonly fileFolder: string;
	readonly fileReload: string | null;
	/** The operator vouches for whatever reads the file. */
	readonly isFileTrusted: boolean;
	readonly closedGate: string;
	/** Whether a canary is expected to report. */
	readonly hasCanary: boolean;
	readonly canary: CanaryConfig | null;
}

export interface CanaryConfig {
	/** A host that answers on this port for everybody. */
	readonly host: string;
	readonly port: number;
	/** A source that is on the allow-list, and one that never is. */
	readonly approved: string;
	readonly refused: string;
}

export const defaultConfigPath = "/etc/postern-agent/agent.conf";

/**
 * Reads the file, when there is one, and the variables `POSTERN_AGENT_…`.
 *
 * @param path given by the user; null for the usual place, where it may be missing
 * @throws ConfigInvalid
 */
export function loadConfig(
	path: string | null,
	env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
	const place = path ?? defaultConfigPath;
	if (path !== null && !existsSync(path))
		throw new ConfigInvalid(`${path} is not there`);
	const known = new Set(configKeys.map(({ name }) => variableOf(name)));
	const unknown = Object.keys(env).find(
		(name) => name.startsWith(variableOf("")) && !known.has(name),
	);
	if (unknown !== undefined)
		throw new ConfigInvalid(
			`there is no variable ${unknown}; --help shows all keys`,
		);
	const values = new Map(
		existsSync(place) ? parseLines(readText(place), place) : [],
	);
	for (const { name, isRepeated } of configKeys) {
		const value = env[variableOf(name)];
		if (value !== undefined)
			values.set(name, isRepeated === true ? value.split(";") : [value]);
	}
	return configOf(values);
}

function configOf(values: Values): Config {
	const read = (name: string): string | null => {
		const value = values.get(name)?.[0] ?? "";
		const key = configKeys.find((one) => one.name === name);
		return value === "" ? (key?.fallback ?? null) : value;
	};
	const text = (name: string): string => {
		const value = read(name);
		if (value === null)
			throw new ConfigInvalid(
				`set ${name} (${configKeys.find((one) => one.name === name)?.about})`,
			);
		return value;
	};
	const folder = (name: string): string => {
		const value = text(name);
		if (!isAbsolute(value) || /["\n]/.test(value))
			throw new ConfigInvalid(`${name} must be an absolute path: ${value}`);
		return value;
	};
	const driver = oneOf(["nftables", "file"] as const, "driver", text("driver"));
	const prefixes = read("prefixes");
	return {
		server: {
			address: read("server"),
			keyFile: text("key-file"),
			caFile: read("ca-file"),
			mayBePlain: isYes("allow-http", text("allow-http")),
		},
		agent: wordOf("agent", read("agent") ?? hostname()),
		site: read("site"),
		prefixes: prefixes === null ? null : prefixesOf(wordsOf(prefixes)),
		driver,
		ruleset: rulesetOf(driver, values, read),
		mayBeAbsent: absentOf(read),
		nft: text("nft"),
		stateFolder: folder("state-folder"),
		runtimeFolder: folder("runtime-folder"),
		fileFolder: folder("file-folder"),
		fileReload: read("file-reload"),
		isFileTrusted: isYes("file-trusted", text("file-trusted")),
		closedGate: folder("closed-gate"),
		hasCanary: isYes("canary", text("canary")),
		canary: canaryOf(read),
	};
}

type Read = (name: string) => string | null;

/**
 * How to reach the control plane, with the key.
 *
 * @throws ConfigInvalid
 */
export function readServer({ server }: Config): Server {
	const { address, keyFile, caFile, mayBePlain } = server;
	if (address === null)
		throw new ConfigInvalid("set server to the address of Postern");
	if (!URL.canParse(address) || !/^https?:\/\//.test(address))
		throw new ConfigInvalid(`server must be an address with https: ${address}`);
	const url = new URL(address);
	const isHere = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname);
	if (url.protocol === "http:" && !isHere && !mayBePlain)
		throw new ConfigInvalid(
			`server must be an address with https (or set allow-http): ${address}`,
		);
	return {
		url,
		key: readText(keyFile).trim(),
		ca: caFile === null ? null : readText(caFile),
		userAgent: `postern-agent/${version}`,
	};
}

function rulesetOf(
	driver: Config["driver"],
	values: Values,
	read: Read,
): RulesetOptions | null {
	const interfaces = wordsOf(read("interfaces") ?? "");
	if (interfaces.length === 0) {
		if (driver === "file") return null;
		throw new ConfigInvalid(
			"set interfaces to the customer-side interfaces: without them nothing is closed",
		);
	}
	// What is wrong here would look at the wrong packets, so it is said, not guessed.
	const said = read("family");
	if (said === null)
		throw new ConfigInvalid(
			"set family to inet where this machine routes its customers' packets, to bridge where it hands on their frames",
		);
	const family = oneOf(["inet", "bridge"] as const, "family", said);
	const bindings = (values.get("binding") ?? []).map(bindingOf);
	const options: RulesetOptions = {
		family,
		customerInterfaces: interfaces,
		refusal: oneOf(
			["reject", "drop"] as const,
			"refusal",
			read("refusal") ?? (family === "inet" ? "reject" : "drop"),
		),
		...(bindings.length === 0 ? {} : { bindings }),
	};
	try {
		rulesetText(options);
		closedGateText(options);
	} catch (error) {
		throw new ConfigInvalid(
			`interfaces or binding: ${error instanceof Error ? error.message : error}`,
		);
	}
	return options;
}

function absentOf(read: Read): readonly string[] {
	const interfaces = wordsOf(read("interfaces") ?? "");
	const absent = wordsOf(read("may-be-absent") ?? "");
	const unknown = absent.find((name) => !interfaces.includes(name));
	if (unknown !== undefined)
		throw new ConfigInvalid(
			`may-be-absent names what interfaces does not: ${unknown}`,
		);
	return absent;
}

function bindingOf(text: string): Binding {
	const [name = "", ...addresses] = wordsOf(text);
	if (addresses.length === 0)
		throw new ConfigInvalid(`binding names no address: ${text}`);
	return {
		interface: name,
		addresses: addresses.map((one) => {
			const address = canonical(one);
			if (address !== undefined) return address;
			throw new ConfigInvalid(`binding names what is no address: ${one}`);
		}),
	};
}

function canaryOf(read: Read): CanaryConfig | null {
	const target = read("canary-target");
	if (target === null) return null;
	const [, host, port] = /^\[?([0-9a-f.:]+?)\]?:(\d{1,5})$/.exec(target) ?? [];
	const [approved, refused] = [read("canary-approved"), read("canary-refused")];
	if (host === undefined || approved === null || refused === null)
		throw new ConfigInvalid(
			"canary-target, canary-approved and canary-refused go together: an address with a port, and two source addresses",
		);
	return { host, port: Number(port), approved, refused };
}

function prefixesOf(texts: readonly string[]): Prefixes {
	try {
		return new Prefixes(texts);
	} catch (error) {
		throw new ConfigInvalid(
			`prefixes: ${error instanceof Error ? error.message : error}`,
		);
	}
}

function oneOf<T extends string>(
	words: readonly T[],
	name: string,
	value: string | null,
): T {
	const found = words.find((word) => word === value);
	if (found === undefined)
		throw new ConfigInvalid(`${name} must be ${words.join(" or ")}: ${value}`);
	return found;
}

function isYes(name: string, value: string): boolean {
	return oneOf(["yes", "no"] as const, name, value) === "yes";
}

function wordOf(name: string, value: string): string {
	if (/^[A-Za-z0-9._-]{1,64}$/.test(value)) return value;
	throw new ConfigInvalid(
		`${name} must be up to 64 letters, digits, dots and dashes: ${value}`,
	);
}

function wordsOf(text: string): string[] {
	return text.split(/[\s,]+/).filter((word) => word !== "");
}

function readText(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch (error) {
		throw new ConfigInvalid(
			`${path} cannot be read: ${error instanceof Error ? error.message : error}`,
		);
	}
}

/** Where the last known good set is. */
export function lastKnownGoodPath({ stateFolder }: Config): string {
	return join(stateFolder, "last-known-good");
}
