/** Signing in, as far as it comes before the API: whether this browser is signed in, and how it could be. */
import { ApiProblem, OfflineError } from "./problem.ts";

/** What `GET /sign-in/state` says. */
export interface SignInState {
	readonly signedIn: "customer" | "staff" | null;
	/** Why nobody can sign in with this browser here; null where they can. */
	readonly notHere: string | null;
	readonly offersMail: boolean;
	/** What the provider of OpenID Connect is called; null where there is none. */
	readonly provider: string | null;
	readonly panels: readonly {
		readonly name: string;
		readonly url: string | null;
	}[];
}

export function readSignInState(): Promise<SignInState> {
	return ask("/sign-in/state", {});
}

/** Asks for a link by mail. The answer is the same for every address. */
export async function askForLink(email: string): Promise<void> {
	await ask("/sign-in/mail-links", {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ email }),
	});
}

async function ask<Answer>(path: string, given: RequestInit): Promise<Answer> {
	const response = await fetch(path, given).catch((cause: unknown) => {
		throw new OfflineError(cause);
	});
	if (!response.ok) throw await ApiProblem.from(response);
	return response.json();
}

/**
 * What changes in a session have to bring, from the cookie that lies beside it; undefined when nobody is signed in. It is
 * another one for every sign-in: a page that was opened for somebody changes nothing for whoever signed in since.
 */
export function csrfToken(): string | undefined {
	const name =
		location.protocol === "https:"
			? "__Host-postern_csrf"
			: `postern_csrf_${location.port}`;
	const pair = document.cookie
		.split("; ")
		.find((one) => one.startsWith(`${name}=`));
	return pair?.slice(name.length + 1) || undefined;
}
