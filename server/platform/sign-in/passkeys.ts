/**
 * Passkeys (WebAuthn level 3): discoverable, with the user verified by the device, without attestation: whose make an
 * authenticator is does not matter here. Nothing is asked of anybody outside.
 */
import type {
	PublicKeyCredentialCreationOptionsJSON,
	PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";

/** COSE (RFC 9053): Ed25519, ES256, RS256, which between them every authenticator has. */
const algorithms = [-8, -7, -257];

/** Loaded when somebody comes with a passkey: it is a tenth of the code of a server. */
const webAuthn = () => import("@simplewebauthn/server");

/** Whom passkeys belong to: a host name, and the pages that may ask for them. */
export interface RelyingParty {
	readonly id: string;
	readonly origin: string;
}

/** A passkey as it is kept; what is binary is in base64url. */
export interface KnownPasskey {
	readonly credentialId: string;
	readonly publicKey: string;
	readonly counter: number;
	readonly transports: readonly string[];
}

/** What a browser says of a passkey that it has made (WebAuthn 3, 5.1.8), as far as it is looked at. */
export interface NewPasskeyAnswer {
	readonly id: string;
	readonly response: {
		readonly clientDataJSON: string;
		readonly attestationObject: string;
		readonly transports?: readonly string[];
	};
}

/** And of one that has signed. */
export interface PasskeyAnswer {
	readonly id: string;
	readonly response: {
		readonly clientDataJSON: string;
		readonly authenticatorData: string;
		readonly signature: string;
	};
}

/** The question for a new passkey. Its challenge has to be kept until the answer. */
export async function askForNewPasskey(
	party: RelyingParty,
	owner: {
		readonly id: string;
		/** What the device lists it under. */
		readonly name: string;
		readonly displayName: string;
		readonly known: readonly string[];
	},
): Promise<PublicKeyCredentialCreationOptionsJSON> {
	const { generateRegistrationOptions } = await webAuthn();
	return generateRegistrationOptions({
		rpName: "Postern",
		rpID: party.id,
		userID: new Uint8Array(Buffer.from(owner.id)),
		userName: owner.name,
		userDisplayName: owner.displayName,
		attestationType: "none",
		supportedAlgorithmIDs: algorithms,
		excludeCredentials: owner.known.map((id) => ({ id })),
		authenticatorSelection: {
			residentKey: "required",
			userVerification: "required",
		},
	});
}

/** The question to whoever has a passkey: whose it is, the answer says. */
export async function askForPasskey(
	party: RelyingParty,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
	const { generateAuthenticationOptions } = await webAuthn();
	return generateAuthenticationOptions({
		rpID: party.id,
		userVerification: "required",
	});
}

interface Asked {
	readonly party: RelyingParty;
	readonly challenge: string;
}

/** The new passkey; undefined when the answer is none to this challenge, or was made on another site. */
export async function readNewPasskey(
	{ id, response }: NewPasskeyAnswer,
	{ party, challenge }: Asked,
): Promise<KnownPasskey | undefined> {
	const { clientDataJSON, attestationObject, transports = [] } = response;
	if (!(await isUnattested(attestationObject))) return undefined;
	const { verifyRegistrationResponse } = await webAuthn();
	const found = await verifyRegistrationResponse({
		response: {
			...credential(id),
			response: { clientDataJSON, attestationObject },
		},
		expectedChallenge: challenge,
		expectedOrigin: party.origin,
		expectedRPID: party.id,
		requireUserVerification: true,
		supportedAlgorithmIDs: algorithms,
	}).catch(() => undefined);
	if (found?.verified !== true) return undefined;
	const made = found.registrationInfo.credential;
	return {
		credentialId: made.id,
		publicKey: Buffer.from(made.publicKey).toString("base64url"),
		counter: made.counter,
		transports,
	};
}

/** The count of an answer that is signed by this passkey; undefined for every other answer, and for a count that went back. */
export async function readPasskey(
	{ id, response }: PasskeyAnswer,
	{ passkey, party, challenge }: Asked & { readonly passkey: KnownPasskey },
): Promise<number | undefined> {
	const { verifyAuthenticationResponse } = await webAuthn();
	const found = await verifyAuthenticationResponse({
		response: { ...credential(id), response },
		expectedChallenge: challenge,
		expectedOrigin: party.origin,
		expectedRPID: party.id,
		requireUserVerification: true,
		credential: {
			id: passkey.credentialId,
			publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")),
			counter: passkey.counter,
			transports: [...passkey.transports],
		},
	}).catch(() => undefined);
	return found?.verified === true
		? found.authenticationInfo.newCounter
		: undefined;
}

function credential(id: string) {
	return {
		id,
		rawId: id,
		type: "public-key",
		clientExtensionResults: {},
	} as const;
}

/**
 * Without certificates, as we asked for it. What somebody sends may have some all the same, and to look at those is to fetch
 * whatever revocation list they name.
 */
async function isUnattested(attestationObject: string): Promise<boolean> {
	const { decodeAttestationObject, isoBase64URL } = await import(
		"@simplewebauthn/server/helpers"
	);
	try {
		const decoded = decodeAttestationObject(
			isoBase64URL.toBuffer(attestationObject),
		);
		const format = decoded.get("fmt");
		if (format === "none") return true;
		return (
			format === "packed" && decoded.get("attStmt").get("x5c") === undefined
		);
	} catch {
		return false;
	}
}
