import { createContext, use } from "react";
import type { Api } from "../api/client.ts";

/** Who is signed in, and what they reach the API with. */
export interface Session {
	readonly api: Api;
	readonly key: string;
	readonly name: string | null;
	signOut(): void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** For what is shown to signed-in people only. */
export function useSession(): Session {
	const session = use(SessionContext);
	if (session === undefined) throw new Error("nobody is signed in here");
	return session;
}
