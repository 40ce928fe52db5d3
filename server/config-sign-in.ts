/** The sorts of values that options about signing in and mail have. */
import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import { type Kind, Secret } from "./config-values.ts";
import type { HandoverIssuer } from "./http/signing-in/handover-token.ts";

/** As long as the digest is (RFC 7518, 3.2). */
const secretBytesMin = 32;

const fields = [
	"issuer",
	"name",
	"url",
	"algorithm",
	"publicKey",
	"secret",
] as const;

/** A JSON list of panels. What it holds is said nowhere: it may hold secrets. */
export const handoverIssuers: Kind<readonly HandoverIssuer[]> = {
	expected:
		'a JSON list like [{"issuer": "panel", "name": "My pages", "url": "https://…", "algorithm": "EdDSA", "publicKey": "-----BEGIN PUBLIC KEY-----…"}], or with "algorithm": "HS256" and a "secret" of 32 characters or more; each issuer once',
	parse(text) {
		const list = jsonOf(text);
		if (!Array.isArray(list)) return undefined;
		const issuers = list.map(issuerFrom);
		const known = issuers.filter((one) => one !== undefined);
		const names = new Set(known.map(({ issuer }) => issuer));
		return known.length === list.length && names.size === list.length
			? Object.freeze(known)
			: undefined;
	},
};

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function issuerFrom(value: unknown): HandoverIssuer | undefined {
	if (typeof value !== "object" || value === null) return undefined;
	const known: readonly string[] = fields;
	if (Object.keys(value).some((name) => !known.includes(name)))
		return undefined;
	const text = (name: (typeof fields)[number]) => {
		const found: unknown = Reflect.get(value, name);
		return typeof found === "string" && found !== "" ? found : undefined;
	};
	const issuer = text("issuer");
	const url = text("url");
	const signing = signingFrom(text);
	if (issuer === undefined || signing === undefined) return undefined;
	if (url !== undefined && !/^https?:\/\/\S+$/.test(url)) return undefined;
	return Object.freeze({
		issuer,
		name: text("name") ?? issuer,
		url: url ?? null,
		...signing,
	});
}

/** One algorithm with the one sort of key that it has: a public key that serves as a secret is what attackers hope for. */
function signingFrom(
	text: (name: "algorithm" | "publicKey" | "secret") => string | undefined,
): Pick<HandoverIssuer, "algorithm" | "key"> | undefined {
	const [algorithm, publicKey, secret] = [
		text("algorithm"),
		text("publicKey"),
		text("secret"),
	];
	if (
		algorithm === "EdDSA" &&
		publicKey !== undefined &&
		secret === undefined
	) {
		const key = ed25519From(publicKey);
		return key && { algorithm, key };
	}
	if (
		algorithm === "HS256" &&
		secret !== undefined &&
		publicKey === undefined
	) {
		const bytes = Buffer.from(secret, "utf8");
		const isKeyPair = secret.includes("-----BEGIN");
		return bytes.length < secretBytesMin || isKeyPair
			? undefined
			: { algorithm, key: createSecretKey(bytes) };
	}
	return undefined;
}

function ed25519From(pem: string): KeyObject | undefined {
	// Node takes the public half of a private key as well; that one has no business here.
	if (!pem.includes("-----BEGIN PUBLIC KEY-----")) return undefined;
	try {
		const key = createPublicKey(pem);
		return key.asymmetricKeyType === "ed25519" ? key : undefined;
	} catch {
		return undefined;
	}
}

export const smtpUrl: Kind<Secret> = {
	expected:
		"a URL like smtp://user:password@mail.example.com:587, or smtps://…",
	parse: (text) => {
		const url = /^smtps?:\/\/[^\s\p{Cc}]+$/u.test(text)
			? URL.parse(text)
			: null;
		const isBare =
			url !== null &&
			url.hostname !== "" &&
			["", "/"].includes(url.pathname) &&
			url.search === "" &&
			url.hash === "";
		return isBare ? new Secret(text) : undefined;
	},
};

/** `support@example.com`, or with a name: `Support <support@example.com>`. */
export const sender: Kind<string> = {
	expected:
		"an address like support@example.com, or Support <support@example.com>",
	parse: (text) =>
		/^(?:[^<>\p{Cc}"]{1,100}<[^\s@<>\p{Cc}]+@[^\s@<>\p{Cc}]+>|[^\s@<>\p{Cc}]+@[^\s@<>\p{Cc}]+)$/u.test(
			text,
		)
			? text
			: undefined,
};
