/**
 * An authenticator in software: a key of its own, and answers as WebAuthn 3 has them (6.1, 6.5.4), each in a wrong way, too,
 * when a test asks for it.
 */
import {
	createHash,
	createSign,
	generateKeyPairSync,
	type KeyObject,
	randomBytes,
} from "node:crypto";

export interface Wrong {
	readonly origin?: string;
	readonly rpId?: string;
	readonly challenge?: string;
	readonly counter?: number;
	readonly isVerified?: boolean;
	/** Signed by another key. */
	readonly key?: KeyObject;
}

export interface TestPasskey {
	readonly id: string;
	/** For `navigator.credentials.create()`. */
	create(challenge: string, wrong?: Wrong): NewAnswer;
	/** For `navigator.credentials.get()`; its count goes up by one. */
	get(challenge: string, wrong?: Wrong): GotAnswer;
}

interface NewAnswer {
	readonly id: string;
	readonly response: {
		readonly clientDataJSON: string;
		readonly attestationObject: string;
		readonly transports: string[];
	};
}

interface GotAnswer {
	readonly id: string;
	readonly response: {
		readonly clientDataJSON: string;
		readonly authenticatorData: string;
		readonly signature: string;
	};
}

const present = 0x01;
const verified = 0x04;
const attested = 0x40;

export function createTestPasskey(
	site: { readonly origin: string; readonly rpId: string },
	options: { readonly counts?: boolean } = {},
): TestPasskey {
	const { counts = true } = options;
	const { privateKey, publicKey } = generateKeyPairSync("ec", {
		namedCurve: "P-256",
	});
	const credentialId = randomBytes(32);
	const id = credentialId.toString("base64url");
	let counter = 0;

	const clientData = (type: string, challenge: string, wrong: Wrong) =>
		Buffer.from(
			JSON.stringify({
				type,
				challenge: wrong.challenge ?? challenge,
				origin: wrong.origin ?? site.origin,
				crossOrigin: false,
			}),
		);
	const authenticatorData = (flags: number, wrong: Wrong, rest: Buffer) => {
		const count = Buffer.alloc(4);
		count.writeUInt32BE(wrong.counter ?? counter);
		const seen = wrong.isVerified === false ? flags & ~verified : flags;
		return Buffer.concat([
			createHash("sha256")
				.update(wrong.rpId ?? site.rpId)
				.digest(),
			Buffer.of(seen),
			count,
			rest,
		]);
	};

	return {
		id,
		create(challenge, wrong = {}) {
			const length = Buffer.alloc(2);
			length.writeUInt16BE(credentialId.length);
			const data = authenticatorData(
				present | verified | attested,
				wrong,
				Buffer.concat([
					Buffer.alloc(16),
					length,
					credentialId,
					coseKey(publicKey),
				]),
			);
			const attestation = Buffer.concat([
				Buffer.of(0xa3),
				text("fmt"),
				text("none"),
				text("attStmt"),
				Buffer.of(0xa0),
				text("authData"),
				bytes(data),
			]);
			return {
				id,
				response: {
					clientDataJSON: clientData(
						"webauthn.create",
						challenge,
						wrong,
					).toString("base64url"),
					attestationObject: attestation.toString("base64url"),
					transports: ["internal"],
				},
			};
		},
		get(challenge, wrong = {}) {
			if (counts) counter += 1;
			const client = clientData("webauthn.get", challenge, wrong);
			const data = authenticatorData(
				present | verified,
				wrong,
				Buffer.alloc(0),
			);
			const digest = createHash("sha256").update(client).digest();
			const signature = createSign("sha256")
				.update(Buffer.concat([data, digest]))
				.sign(wrong.key ?? privateKey);
			return {
				id,
				response: {
					clientDataJSON: client.toString("base64url"),
					authenticatorData: data.toString("base64url"),
					signature: signature.toString("base64url"),
				},
			};
		},
	};
}

/** The same new passkey, as if a maker vouched for it: the format `packed`, with something in the place of certificates. */
export function withCertificate(attestationObject: string): string {
	const plain = Buffer.from(attestationObject, "base64url");
	const data = plain.subarray(plain.indexOf("authData") - 1);
	return Buffer.concat([
		Buffer.of(0xa3),
		text("fmt"),
		text("packed"),
		text("attStmt"),
		Buffer.of(0xa3),
		text("alg"),
		Buffer.of(0x26),
		text("sig"),
		bytes(Buffer.alloc(70)),
		text("x5c"),
		Buffer.of(0x81),
		bytes(Buffer.alloc(80)),
		data,
	]).toString("base64url");
}

/** RFC 9053, 7.1.1: an EC2 key for ES256. */
function coseKey(key: KeyObject): Buffer {
	const { x = "", y = "" } = key.export({ format: "jwk" });
	return Buffer.concat([
		Buffer.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21),
		bytes(Buffer.from(x, "base64url")),
		Buffer.of(0x22),
		bytes(Buffer.from(y, "base64url")),
	]);
}

/** CBOR (RFC 8949, 3.1), as far as it is needed. */
function text(value: string): Buffer {
	return Buffer.concat([Buffer.of(0x60 + value.length), Buffer.from(value)]);
}

function bytes(value: Buffer): Buffer {
	const head =
		value.length < 256
			? Buffer.of(0x58, value.length)
			: Buffer.of(0x59, value.length >> 8, value.length & 0xff);
	return Buffer.concat([head, value]);
}
