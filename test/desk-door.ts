/** The door of the desk as a browser of ours knocks at it, and what somebody gets who is let in. */
import type { FastifyInstance } from "fastify";
import { createRateLimit } from "../server/platform/rate-limit.ts";
import { type Answer, inject } from "./answers.ts";
import type { TestDatabase } from "./db.ts";
import { fromHere } from "./enrolled.ts";
import { testStrangers } from "./server.ts";

/** Where it comes from, when that matters. */
export interface From {
	readonly headers?: Readonly<Record<string, string>>;
	readonly remoteAddress?: string;
}

/** Posts to a path of the desk's API, as a page of ours does. */
export function postTo(
	app: FastifyInstance,
	path: string,
	body: object,
	{ headers = {}, remoteAddress = "198.18.0.9" }: From = {},
): Promise<Answer> {
	return inject(app, {
		method: "POST",
		url: `/api/desk/${path}`,
		headers: { ...fromHere, "content-type": "application/json", ...headers },
		remoteAddress,
		payload: JSON.stringify(body),
	});
}

/** The cookies of an answer, as a browser sends them back. */
export function cookiesOf({ headers }: Answer): string {
	return [headers["set-cookie"] ?? []]
		.flat()
		.map((text) => String(text).split(";")[0])
		.join("; ");
}

/** The token of the session that it began; empty when it began none. */
export function tokenIn(answer: Answer): string {
	const found = /__Host-postern_session=([\w-]{43})/.exec(cookiesOf(answer));
	return found?.[1] ?? "";
}

/** With the limits on tries that a server has in earnest. */
export function limitedStrangers(db: TestDatabase) {
	return testStrangers(db.performer, () => db.now, {
		tries: createRateLimit({
			db: db.sql,
			windowMs: 300_000,
			onError: () => {},
		}),
	});
}
