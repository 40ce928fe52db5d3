/** The rows that every route has alike: who gets through its gate. */
import type { Face } from "../../server/http/face.ts";
import {
	type GatedRoute,
	type Route,
	scopesOf,
} from "../../server/http/route.ts";
import { scopes, scopesSatisfy } from "../../server/kernel/actor.ts";
import { newId } from "../../server/kernel/id.ts";
import { sql } from "../../server/platform/sql.ts";
import { createAgents } from "../edge.ts";
import {
	type RouteName,
	type Scenario,
	type Scene,
	scenario,
} from "../scenario.ts";
import type { Key } from "../stage.ts";

/** An id of nothing; nobody gets as far as to look for it. */
const id = newId("p25", new Date("2026-11-20T09:00:00.000Z"));

export function nameOf(route: Route): RouteName {
	return `${route.method} ${route.path as `/${string}`}`;
}

/** No credentials, a key with every scope but the one that is wanted, and a key of the wrong kind of caller. */
export function gateRows(face: Face): Scenario[] {
	const isV1 = face.name === "v1";
	const forbidden = isV1 ? "FORBIDDEN" : "forbidden";
	const routes = face.routes.filter((route) => route.kind !== "open");
	return routes.flatMap((route) => [
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
			given: (scene) => keyWithout(scene, face, route),
			send: (key) => ({ id, headers: { "x-api-key": key.text } }),
			status: 403,
			code: forbidden,
			events: [],
		}),
		...strangersOf(face).map(({ who, name, isNotMine }) =>
			scenario({
				name,
				route: nameOf(route),
				...(isNotMine && { cell: "not mine" as const }),
				as: who,
				...(isNotMine && {
					given: ({ db, me, staff }: Scene) =>
						db.sql.run(sql`
							update api_keys set scopes = ${[route.scope]}
							where id = ${who === "staff" ? staff.key.id : me.key.id}`),
				}),
				send: { id },
				status: 403,
				code: forbidden,
				events: [],
			}),
		),
	]);
}

/** A key of the right kind of caller, with every scope that does not open the route. */
async function keyWithout(
	{ addKey, db, me, staff, keys }: Scene,
	face: Face,
	route: GatedRoute,
): Promise<Key> {
	if (face.name === "edge") {
		const { actor, key: text } = await createAgents(db).add();
		const key = { id: actor.keyId, text };
		keys.push(key);
		await db.sql.run(
			sql`update api_keys set scopes = '{}' where id = ${key.id}`,
		);
		return key;
	}
	const isDesk = face.name === "desk";
	const wanted = scopesOf(route);
	const others = (isDesk ? scopes.staff : scopes.customer).filter(
		(scope) => !wanted.some((one) => scopesSatisfy([scope], one)),
	);
	return addKey(
		isDesk ? { staffId: staff.actor.staffId } : { clientId: me.client.id },
		others,
	);
}

interface Stranger {
	readonly who: "trusted" | "staff" | "agent";
	readonly name: string;
	/** Whether the key gets the scope first, so that only the kind of its caller is in the way. */
	readonly isNotMine: boolean;
}

function strangersOf(face: Face): Stranger[] {
	const agent: Stranger = {
		who: "agent",
		name: "refuses an agent: it hears and says what is at the edge, and no more",
		isNotMine: false,
	};
	const customer: Stranger = {
		who: "trusted",
		name: "refuses a customer, whatever the scopes of the key",
		isNotMine: true,
	};
	const staff: Stranger = {
		who: "staff",
		name: "refuses a member of staff: the desk has a door of its own",
		isNotMine: false,
	};
	if (face.name === "desk") return [customer, agent];
	return face.name === "edge" ? [customer, staff] : [staff, agent];
}
