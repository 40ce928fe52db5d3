/** The customers' routes, as tests walk them: every one of them, also those that are added later. */
import { faces } from "../server/http/faces.ts";
import type { Route } from "../server/http/route.ts";
import { type Answer, inject } from "./answers.ts";
import type { Key, Stage } from "./stage.ts";
import { words } from "./tickets.ts";

/** Of both generations, but for streams, which never end. */
export const customerRoutes: readonly Route[] = faces
	.filter(({ name }) => name === "v1" || name === "v2")
	.flatMap(({ routes }) => routes)
	.filter(({ kind }) => kind !== "live");

/** Those that name a ticket in their path. */
export const ticketRoutes = customerRoutes.filter(({ path }) =>
	/\/tickets\/\{\w+\}/.test(path),
);

/** A good body for each that takes one. */
const bodies: Readonly<Record<string, object>> = {
	replyToTicket: { message: words.reply },
	patchTicket: { ccEmails: ["ops@copies.example"] },
};

/** A route asked about a ticket: `name` stands for the parameter. Throws for a route that nobody has a body for. */
export function askAbout(
	{ app }: Stage,
	route: Route,
	{ name, key }: { readonly name: string; readonly key: Key },
): Promise<Answer> {
	const body = bodies[route.name];
	if ("body" in route && route.body !== undefined && body === undefined)
		throw new Error(`no good body for ${route.name}: add one`);
	return inject(app, {
		method: route.method,
		url: route.path.replace(/\{\w+\}/, name),
		headers: { authorization: `Bearer ${key.text}` },
		...(body !== undefined && { payload: body }),
	});
}
