import { createContext, use } from "react";
import type { Api } from "../api/client.ts";

/** Who is signed in, and what they reach the API with. */
export interface Session {
	readonly api: Api;
	readonly key: string;
	readonly name: string | null;
	/** Whose drafts those on this device are; undefined when the key may not know. */
	readonly clientId: string | undefined;
	/** What says who is signed in, for the few requests that do not go through `api`. */
	readonly headers: Readonly<Record<string, string>>;
	/** @param isOver whether it ended by itself, which is said where one signs in again */
	signOut(isOver?: boolean): void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** For what is shown to signed-in people only. */
export function useSession(): Session {
	const session = use(SessionContext);
	if (session === undefined) throw new Error("nobody is signed in here");
	return session;
}
