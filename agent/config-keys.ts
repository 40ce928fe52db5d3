/** The keys of the configuration file, and how its lines are read. */

interface Key {
	readonly name: string;
	readonly about: string;
	readonly fallback?: string;
	readonly isRepeated?: true;
}

/** Every key, in the order of the manual. */
export const configKeys: readonly Key[] = [
	{
		name: "server",
		about: "address of Postern, such as https://support.example.com",
	},
	{
		name: "key-file",
		about: "file with the key of this agent, readable for root alone",
		fallback: "/etc/postern-agent/key",
	},
	{
		name: "allow-http",
		about: "yes to speak without encryption over a network that you trust",
		fallback: "no",
	},
	{
		name: "ca-file",
		about:
			"certificates of the authorities to trust, PEM; else those that Node knows",
	},
	{ name: "agent", about: "name of this machine; else its host name" },
	{
		name: "site",
		about: "the only site to take a set of; else that of the key",
	},
	{
		name: "prefixes",
		about: "the only networks to open anything in, beside those of the site",
	},
	{ name: "driver", about: "nftables or file", fallback: "nftables" },
	{
		name: "family",
		about:
			"inet where this machine routes, bridge where it bridges; no default",
	},
	{
		name: "interfaces",
		about: "customer-side interfaces, such as tap*, vmbr1",
	},
	{
		name: "may-be-absent",
		about:
			"those of interfaces that need not be there for the agent to be armed",
	},
	{
		name: "refusal",
		about:
			"reject (a reset) or drop; reject where it routes, drop where it bridges",
	},
	{
		name: "binding",
		about:
			"on a bridge: an interface and the addresses that may come from it; repeated",
		isRepeated: true,
	},
	{ name: "nft", about: "the program nft", fallback: "nft" },
	{
		name: "state-folder",
		about: "where the last known good set is kept",
		fallback: "/var/lib/postern-agent",
	},
	{
		name: "runtime-folder",
		about: "lock, control socket, commands for nft",
		fallback: "/run/postern-agent",
	},
	{
		name: "closed-gate",
		about: "the gate that is loaded at boot, before the network",
		fallback: "/etc/postern-agent/closed-gate.nft",
	},
	{
		name: "file-folder",
		about: "driver file: where the list is written",
		fallback: "/var/lib/postern-agent/list",
	},
	{
		name: "file-reload",
		about: "driver file: a program to run after each write",
	},
	{
		name: "file-trusted",
		about:
			"driver file: yes when something else reads the list within a second",
		fallback: "no",
	},
	{
		name: "canary",
		about: "yes when postern-agent canary runs in a test namespace",
		fallback: "no",
	},
	{
		name: "canary-target",
		about:
			"canary: host and port that answer everybody, such as 198.51.100.25:25",
	},
	{
		name: "canary-approved",
		about: "canary: its source address that is on the allow-list",
	},
	{ name: "canary-refused", about: "canary: its source address that never is" },
];

/** What is wrong with the configuration, in one line that says what to do. */
export class ConfigInvalid extends Error {
	override readonly name = "ConfigInvalid";
}

export type Values = ReadonlyMap<string, readonly string[]>;

/** `key-file` → `POSTERN_AGENT_KEY_FILE`. */
export function variableOf(name: string): string {
	return `POSTERN_AGENT_${name.toUpperCase().replaceAll("-", "_")}`;
}

export function parseLines(text: string, place: string): Values {
	const values = new Map<string, string[]>();
	for (const [i, line] of text.split("\n").entries()) {
		const content = line.replace(/^\s*#.*|\s+#.*$/, "").trim();
		if (content === "") continue;
		const [, name = "", value = ""] =
			/^([a-z-]+)\s*=\s*(.*)$/.exec(content) ?? [];
		const key = configKeys.find((one) => one.name === name);
		if (key === undefined)
			throw new ConfigInvalid(
				`${place}, line ${i + 1}: ${name === "" ? "not a line of the form key = value" : `there is no key ${name}`}`,
			);
		const known = values.get(name);
		if (known !== undefined && key.isRepeated !== true)
			throw new ConfigInvalid(
				`${place}, line ${i + 1}: ${name} was set before`,
			);
		values.set(name, [...(known ?? []), value]);
	}
	return values;
}
