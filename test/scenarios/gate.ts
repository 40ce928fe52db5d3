/** The rows that every route has alike: who gets through its gate. */
import type { Face } from "../../server/http/face.ts";
import { type Route, scopesOf } from "../../server/http/route.ts";
import { scopes, scopesSatisfy } from "../../server/kernel/actor.ts";
import { newId } from "../../server/kernel/id.ts";
import { sql } from "../../server/platform/sql.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";

/** An id of nothing; nobody gets as far as to look for it. */
const id = newId("p25", new Date("2026-11-20T09:00:00.000Z"));

export function nameOf(route: Route): RouteName {
	return `${route.method} ${route.path as `/${string}`}`;
}

/** No credentials, a key with every scope but the one that is wanted, and a key of the wrong kind of caller. */
export function gateRows(face: Face): Scenario[] {
	const isV1 = face.name === "v1";
	const forbidden = isV1 ? "FORBIDDEN" : "forbidden";
	return face.routes.flatMap((route) => {
		const isDesk = face.name === "desk";
		const others = (isDesk ? scopes.staff : scopes.customer).filter(
			(scope) =>
				!scopesOf(route).some((wanted) => scopesSatisfy([scope], wanted)),
		);
		return [
			scenario({
				name: "refuses a caller without credentials",
				route: nameOf(route),
				cell: "no credentials",
				as: "nobody",
				send: { id },
				status: 401,
				code: isV1 ? "UNAUTHORIZED" : "unauthorized",
				events: [],
			}),
			scenario({
				name: `refuses a key that has every scope but ${scopesOf(route).join(", ")}`,
				route: nameOf(route),
				cell: "missing scope",
				as: "nobody",
				given: ({ addKey, me, staff }) =>
					addKey(
						isDesk
							? { staffId: staff.actor.staffId }
							: { clientId: me.client.id },
						others,
					),
				send: (key) => ({ id, headers: { "x-api-key": key.text } }),
				status: 403,
				code: forbidden,
				events: [],
			}),
			scenario({
				name: isDesk
					? "refuses a customer, whatever the scopes of the key"
					: "refuses a member of staff: the desk has a door of its own",
				route: nameOf(route),
				...(isDesk && { cell: "not mine" as const }),
				as: isDesk ? "trusted" : "staff",
				...(isDesk && {
					given: ({ db, me }: Scene) =>
						db.sql.run(
							sql`update api_keys set scopes = ${[route.scope]} where id = ${me.key.id}`,
						),
				}),
				send: { id },
				status: 403,
				code: forbidden,
				events: [],
			}),
		];
	});
}
