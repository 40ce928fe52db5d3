/** Coming in and going out. */
import { startAuthentication } from "@simplewebauthn/browser";
import { bodyOf } from "../api/client.ts";
import { api } from "./api.ts";

export const signInPath = "/desk/sign-in";

export function goHome(): void {
	location.assign("/desk");
}

export async function signOut(): Promise<void> {
	// Whoever is signed out already is where they wanted to be.
	await api.DELETE("/api/desk/session").catch(() => {});
	location.assign(signInPath);
}

/** With whatever passkey the person chooses. Also how somebody who is signed in shows to be still there. */
export async function signInWithPasskey(): Promise<void> {
	const { flow, options } = await bodyOf(
		api.POST("/api/desk/sign-in/passkey/challenge"),
	);
	const { id, response } = await startAuthentication({
		// Made by the server's library for this one, and typed as "an object" on the way.
		optionsJSON: options as unknown as Parameters<
			typeof startAuthentication
		>[0]["optionsJSON"],
	});
	const { clientDataJSON, authenticatorData, signature } = response;
	await api.POST("/api/desk/sign-in/passkey", {
		body: {
			flow,
			passkey: {
				id,
				response: { clientDataJSON, authenticatorData, signature },
			},
		},
	});
}

/** Leaves this page for the provider's. */
export async function goToProvider(wish: {
	readonly again?: boolean;
	readonly invite?: string;
}): Promise<void> {
	const { url } = await bodyOf(
		api.POST("/api/desk/sign-in/provider", { body: wish }),
	);
	location.assign(url);
}
