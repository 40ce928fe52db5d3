import { createContext, use } from "react";
import type { Api } from "../api/client.ts";

/** Who is signed in, and what they reach the API with. */
export interface Session {
	readonly api: Api;
	/** Another one for every sign-in. */
	readonly id: string;
	/** With the session of the browser, or with a key that the page keeps in its memory. */
	readonly by: "session" | "key";
	readonly name: string | null;
	/** Whose drafts those on this device are; undefined when the key may not know. */
	readonly clientId: string | undefined;
	/** What says who is signed in, for the few requests that do not go through `api`. */
	readonly headers: Readonly<Record<string, string>>;
	/** Rejects when the server could not be told: then somebody is still signed in. */
	signOut(): Promise<void>;
	/** It has ended by itself, which is said where one signs in again. */
	ended(): void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** For what is shown to signed-in people only. */
export function useSession(): Session {
	const session = use(SessionContext);
	if (session === undefined) throw new Error("nobody is signed in here");
	return session;
}
