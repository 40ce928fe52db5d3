/**
 * Passes: a promise that whoever brings the token may sign in as somebody, once and soon (docs/decisions/0035). What comes from
 * outside of this site, as a form of the provider's panel, as a link in a mail or on a terminal, becomes a pass first; a button
 * on a page of ours makes a session of it. So nothing that only follows a link signs anybody in.
 */
import type { SignInWay } from "./session.ts";

/** The ways in which a pass comes to somebody. */
export type PassWay = Extract<SignInWay, "handover" | "demo" | "email">;

export interface Pass {
	readonly how: PassWay;
	/** Exactly one of the two is set. */
	readonly clientId: string | null;
	readonly staffId: string | null;
	/** A path of ours. */
	readonly returnTo: string;
	/** What the holder is called; null when nobody said. */
	readonly name: string | null;
	readonly email: string | null;
}

/** Minutes for which a pass is good: as long as somebody looks at a page, at a terminal, and at their mail. */
export const passMinutes = {
	handover: 5,
	demo: 10,
	email: 15,
} as const satisfies Record<PassWay, number>;

/** Where one goes after signing in when nobody says where. */
export const homeOf = { customer: "/support", staff: "/desk" } as const;

/**
 * A path of the pages, with nothing in it that a browser could take for another host; undefined for every other text. Letters
 * and what the pages' own addresses are made of, so that no encoding hides something.
 */
export function returnPath(text: string): string | undefined {
	const isOurs = /^\/(?:support|desk)(?:\/[\w-]+)*$/.test(text);
	return isOurs && text.length <= 200 ? text : undefined;
}

/**
 * For one address, while the link of the first is good (`passMinutes.email`); what is more is dropped in silence. So whoever asks
 * for somebody else's address again and again keeps them out of nothing: they have links that are good.
 */
export const mailsPerLife = 3;

/** A client who may be written to. */
export interface Addressee {
	readonly id: string;
	readonly name: string | null;
	/** As the provider knows it: mail goes there, and not to what somebody typed. */
	readonly email: string;
	readonly languageCode: string | null;
}
