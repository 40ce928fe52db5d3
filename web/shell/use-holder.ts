import { useCallback, useEffect, useMemo, useState } from "react";
import { bodyOf, createApi } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import {
	csrfToken,
	readSignInState,
	type SignInState,
} from "../api/sign-in.ts";
import { returnTo } from "./return-to.ts";
import type { Session } from "./session.ts";

/** Who is at the page, as far as it knows. */
export type Standing =
	| { readonly is: "unknown" }
	/** The server did not say. */
	| { readonly is: "unheard"; readonly error: unknown }
	| {
			readonly is: "nobody";
			readonly state: SignInState;
			readonly isEnded: boolean;
	  }
	/** Staff have a place of their own. */
	| { readonly is: "staff" }
	| { readonly is: "somebody"; readonly holder: Holder };

export interface Holder {
	/** Another one for every sign-in. */
	readonly id: string;
	readonly by: "session" | "key";
	readonly name: string | null;
	readonly clientId: string | undefined;
	readonly headers: Readonly<Record<string, string>>;
}

export interface Signing {
	readonly standing: Standing;
	readonly session: Session | undefined;
	/** With a key, which lives in the memory of the page. */
	signIn(holder: Holder): void;
	/** Asks the server once more who is signed in. */
	look(): void;
}

/**
 * Who is signed in: by the session of the browser, or with a key that was typed in here. When a session ends, or begins in
 * another tab, the page learns of it, and goes on where it was.
 */
export function useHolder(): Signing {
	const [standing, setStanding] = useState<Standing>({ is: "unknown" });

	const find = useCallback(async (isEnded: boolean) => {
		try {
			setStanding(await standingNow(isEnded));
		} catch (error) {
			setStanding({ is: "unheard", error });
		}
	}, []);

	useEffect(() => void find(false), [find]);
	useOtherTabs(standing, find);

	const holder = standing.is === "somebody" ? standing.holder : undefined;
	const session = useMemo<Session | undefined>(
		() => holder && sessionOf(holder, find),
		[holder, find],
	);
	return {
		standing,
		session,
		signIn: (next) => setStanding({ is: "somebody", holder: next }),
		look: () => void find(false),
	};
}

async function standingNow(isEnded: boolean): Promise<Standing> {
	const state = await readSignInState();
	const token = csrfToken();
	if (state.signedIn === "staff") return { is: "staff" };
	if (state.signedIn === null || token === undefined)
		return { is: "nobody", state, isEnded };
	const headers = { "x-csrf-token": token };
	const me = await bodyOf(createApi(headers).GET("/api/v2/session"));
	const id = me.session?.id ?? token;
	const holder: Holder = {
		id,
		by: "session",
		name: me.name ?? me.email,
		clientId: me.id,
		headers,
	};
	return { is: "somebody", holder };
}

function sessionOf(
	holder: Holder,
	find: (isEnded: boolean) => Promise<void>,
): Session {
	const api = createApi(holder.headers);
	return {
		...holder,
		api,
		async signOut() {
			if (holder.by === "session") {
				await bodyOf(api.DELETE("/api/v2/session")).catch((error: unknown) => {
					// It was over already, which is what was wanted.
					if (!isOver(error)) throw error;
				});
			}
			returnTo.forget();
			await find(false);
		},
		ended() {
			returnTo.remember();
			void find(true);
		},
	};
}

/** Whether an answer says that the session the page knows is not the one of the browser any more. */
export function isOver(error: unknown): boolean {
	return (
		error instanceof ApiProblem &&
		(error.status === 401 || error.code === "cross_site_request")
	);
}

/** A sign-in or sign-out in another tab shows in the cookie that both have; it is looked at when this one is used again. */
function useOtherTabs(
	standing: Standing,
	find: (isEnded: boolean) => Promise<void>,
): void {
	useEffect(() => {
		function compare(): void {
			if (document.visibilityState === "hidden") return;
			const token = csrfToken();
			if (standing.is === "nobody" && token !== undefined) void find(false);
			if (standing.is === "somebody" && standing.holder.by === "session") {
				if (token === standing.holder.headers["x-csrf-token"]) return;
				returnTo.remember();
				void find(true);
			}
		}
		window.addEventListener("focus", compare);
		document.addEventListener("visibilitychange", compare);
		return () => {
			window.removeEventListener("focus", compare);
			document.removeEventListener("visibilitychange", compare);
		};
	}, [standing, find]);
}
