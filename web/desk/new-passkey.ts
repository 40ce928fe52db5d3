import { startRegistration } from "@simplewebauthn/browser";

/** What the server asked a device, in the JSON form of WebAuthn. */
export interface Asked {
	readonly flow: string;
	readonly options: Record<never, never>;
}

/** Has the device make a passkey, as the server is told of it. */
export async function makePasskey({ flow, options }: Asked) {
	const { id, response } = await startRegistration({
		// Made by the server's library for this one, and typed as "an object" on the way.
		optionsJSON: options as unknown as Parameters<
			typeof startRegistration
		>[0]["optionsJSON"],
	});
	const { clientDataJSON, attestationObject, transports = [] } = response;
	return {
		flow,
		passkey: {
			id,
			response: { clientDataJSON, attestationObject, transports },
		},
	};
}
