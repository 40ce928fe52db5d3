/**
 * What `config.ts` is made of: the sorts of values an option can have, how a secret is kept from sight, where a value is
 * found, and which variables nobody knows.
 */
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { parseAddress, parsePrefix } from "./kernel/ip.ts";
import { errorCode } from "./platform/start-failure.ts";

/** A value that no log, dump or JSON shows by accident. */
export class Secret {
	readonly #value: string;

	constructor(value: string) {
		this.#value = value;
	}

	/** The value itself; call it only where it is used. */
	reveal(): string {
		return this.#value;
	}

	toString(): string {
		return "[secret]";
	}

	toJSON(): string {
		return "[secret]";
	}

	[inspect.custom](): string {
		return "[secret]";
	}
}

/** Reads one sort of value. */
export interface Kind<Value> {
	/** Completes "expected …". */
	readonly expected: string;
	/** The value, or undefined when the text is not one. */
	readonly parse: (text: string) => Value | undefined;
}

/** One thing that can be configured. */
export interface Option<Value = unknown, Fallback = unknown> {
	readonly name: string;
	readonly kind: Kind<Value>;
	/** The value when nothing is given. */
	readonly fallback: Fallback;
	/** What the documents say instead of the fallback. */
	readonly otherwise?: string;
	readonly secret?: true;
	readonly doc: string;
}

export const postgresUrl: Kind<Secret> = {
	expected: "a URL like postgres://user:password@host:5432/database",
	// The URL parser drops white space silently; a password with a line break in it would fail much later.
	parse: (text) =>
		/^postgres(?:ql)?:\/\/[^\s\p{Cc}]+$/u.test(text) && URL.canParse(text)
			? new Secret(text)
			: undefined,
};

export const host: Kind<string> = {
	expected: "an IP address or a host name, without a port",
	parse: (text) =>
		parseAddress(text)?.text ??
		(/^(?!.*\.\d+$)[a-z0-9](?:[a-z0-9.-]{0,252})$/i.test(text)
			? text
			: undefined),
};

export const path: Kind<string> = {
	expected: "a path, relative to the working directory or absolute",
	parse: (text) => text,
};

/** No white space and no controls, which a paste leaves at its ends and nobody sees. */
const visible = /^[\x21-\x7e]{1,512}$/;

export const secretWord: Kind<Secret> = {
	expected: "printable characters without spaces",
	parse: (text) => (visible.test(text) ? new Secret(text) : undefined),
};

export const printable: Kind<string> = {
	expected: "printable characters without spaces",
	parse: (text) => (visible.test(text) ? text : undefined),
};

export const word: Kind<string> = {
	expected: "letters, digits and hyphens",
	parse: (text) => (/^[a-z0-9-]{1,63}$/i.test(text) ? text : undefined),
};

export const cookieName: Kind<string> = {
	expected: "letters, digits, underscores and hyphens",
	parse: (text) => (/^[a-z0-9_-]{1,64}$/i.test(text) ? text : undefined),
};

export const bucketName: Kind<string> = {
	expected:
		"the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens",
	parse: (text) =>
		/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text) ? text : undefined,
};

export const keyPrefix: Kind<string> = {
	expected:
		"names that each end with a slash, like postern/ or support/attachments/",
	parse: (text) =>
		text.length <= 512 && /^(?:[\w-][\w.-]*\/)+$/.test(text) ? text : undefined,
};

/** A unix socket by its absolute path, or a host with its port. */
export const socketAddress: Kind<string> = {
	expected:
		"an absolute path like /run/clamav/clamd.ctl, or a host and port like 127.0.0.1:3310",
	parse: (text) => {
		if (/^\/[^\0]{1,106}$/.test(text)) return text;
		const [, name = "", port = ""] = /^(\S+):(\d{1,5})$/.exec(text) ?? [];
		const isHost = host.parse(name.replace(/^\[(.+)\]$/, "$1")) !== undefined;
		return isHost && Number(port) > 0 && Number(port) < 65_536
			? text
			: undefined;
	},
};

export const origin: Kind<string> = {
	expected: "a URL like https://support.example.com, without path and query",
	parse: (text) => {
		const url = webUrl(text);
		return url?.pathname === "/" ? url.origin : undefined;
	},
};

/** Exactly as the provider writes it: it is compared letter by letter (OpenID Connect Discovery 1.0, 4.3). */
export const issuer: Kind<string> = {
	expected:
		"an https URL without query, like https://login.example.com/realms/staff; http only on loopback",
	parse: (text) => {
		const url = webUrl(text);
		const isLocal = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(
			url?.hostname ?? "",
		);
		return url?.protocol === "https:" || (url !== undefined && isLocal)
			? text
			: undefined;
	},
};

export const label: Kind<string> = {
	expected: "1 to 60 characters to read",
	parse: (text) => (/^[^\p{Cc}]{1,60}$/u.test(text) ? text : undefined),
};

export const claimName: Kind<string> = {
	expected: "the name of a claim: letters, digits and ._:/-",
	parse: (text) => (/^[\w.:/-]{1,128}$/.test(text) ? text : undefined),
};

export const oidcScope: Kind<string> = {
	expected: "scopes with spaces between them, openid among them",
	parse: (text) =>
		/^[\w.:/-]+( [\w.:/-]+)*$/.test(text) && text.split(" ").includes("openid")
			? text
			: undefined,
};

export const urlPrefix: Kind<string> = {
	expected: "an http or https URL that ends with a slash",
	parse: (text) => (text.endsWith("/") ? webUrl(text)?.href : undefined),
};

function webUrl(text: string): URL | undefined {
	return /^https?:\/\/[^\s?#@\\]+$/i.test(text)
		? (URL.parse(text) ?? undefined)
		: undefined;
}

export const networks: Kind<readonly string[]> = {
	expected:
		"addresses or prefixes like 192.0.2.1, 2001:db8::/32, separated by commas",
	parse: (text) => {
		const found = text
			.split(",")
			.map((item) => item.trim())
			.map((item) => (parseAddress(item) ?? parsePrefix(item))?.text);
		const known = found.filter((item) => item !== undefined);
		return known.length === found.length ? Object.freeze(known) : undefined;
	},
};

export const instant: Kind<Date> = {
	expected: "an instant with its zone, like 2027-01-31T00:00:00Z",
	parse: (text) => {
		const day =
			/^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/.exec(
				text,
			)?.[1];
		if (day === undefined || !Number.isFinite(Date.parse(text)))
			return undefined;
		// 31 February parses as 3 March.
		const midnight = new Date(`${day}T00:00:00Z`);
		return midnight.toISOString().startsWith(day) ? new Date(text) : undefined;
	},
};

export function whole(min: number, max: number): Kind<number> {
	return {
		expected: `a whole number from ${min} to ${max}`,
		parse: (text) => {
			const value = /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : -1;
			return value >= min && value <= max ? value : undefined;
		},
	};
}

export function oneOf<const Word extends string>(...words: Word[]): Kind<Word> {
	return {
		expected: `one of ${words.join(", ")}`,
		parse: (text) => words.find((word) => word === text),
	};
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment holds for one option: a text, or why there is none. */
export type Given = {
	/** The variable that was set: the option's own, or its `_FILE` variant. */
	readonly variable: string;
} & (
	| { readonly text: string; readonly fromFile: boolean }
	| { readonly problem: string }
);

/**
 * Looks an option up under its own name and under `<NAME>_FILE`. An empty variable counts as not set; an empty file is a
 * problem, because whoever names a file means it to hold something.
 *
 * @returns undefined when neither variable is set
 */
export function findGiven(env: Environment, name: string): Given | undefined {
	const direct = env[name] ?? "";
	const variable = `${name}_FILE`;
	const file = env[variable] ?? "";
	if (file === "")
		return direct === ""
			? undefined
			: { variable: name, text: direct, fromFile: false };
	if (direct !== "")
		return {
			variable: name,
			problem: `is set, and so is ${variable}; expected only one of them`,
		};
	try {
		const text = readFileSync(file, "utf8").replace(/\r?\n$/, "");
		if (text !== "") return { variable, text, fromFile: true };
	} catch (error) {
		const code = errorCode(error) ?? "unreadable";
		return {
			variable,
			problem: `cannot read ${withoutCredentials(file)} (${code}); expected the path of a readable file`,
		};
	}
	return {
		variable,
		problem: `${file} is empty; expected a file that holds the value`,
	};
}

/** For messages: a database URL may have landed in the wrong variable, also in one that wants a path. */
export function withoutCredentials(text: string): string {
	return text.replace(/\/\/.*@/s, "//…@");
}

/** What Kubernetes adds to every pod beside a service whose name starts with `postern`. */
const serviceLink =
	/_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;

function isServiceLink(name: string, value: string): boolean {
	return (
		serviceLink.test(name) ||
		(name.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\//.test(value))
	);
}

/**
 * One line for each `POSTERN_…` variable that is none of the options `known`: a misspelt option would otherwise be an
 * option silently left at its default.
 */
export function unknownVariables(
	env: Environment,
	known: readonly string[],
): string[] {
	const names = known.flatMap((name) => [name, `${name}_FILE`]);
	return Object.entries(env)
		.filter(([name, value = ""]) => {
			const isOurs = name.startsWith("POSTERN_") && value !== "";
			return isOurs && !names.includes(name) && !isServiceLink(name, value);
		})
		.map(([name]) => {
			const near = nearest(name, names);
			return near === undefined
				? `${name}: no such option; docs/configuration.md lists every one`
				: `${name}: no such option; did you mean ${near}?`;
		});
}

/**
 * The name with the fewest letters to change; `POSTERN_` is free, as some names have it and some have not. Undefined when
 * it would take more than half of the letters: then it is a guess and no help.
 */
function nearest(name: string, names: readonly string[]): string | undefined {
	const bare = (text: string) => text.replace(/^POSTERN_/, "");
	let best = { name: "", distance: Number.POSITIVE_INFINITY };
	for (const candidate of names) {
		const distance = editDistance(bare(name), bare(candidate));
		if (distance < best.distance) best = { name: candidate, distance };
	}
	return best.distance <= bare(name).length / 2 ? best.name : undefined;
}

/** Levenshtein: letters to insert, delete or replace. */
function editDistance(left: string, right: string): number {
	let row = Array.from({ length: right.length + 1 }, (_, i) => i);
	for (const [i, letter] of [...left].entries()) {
		const next = [i + 1];
		for (const [j, other] of [...right].entries()) {
			const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
			next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
		}
		row = next;
	}
	return row[right.length] ?? 0;
}
