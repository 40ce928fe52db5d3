/** What agents at the edge read: the whole of their site's desired set, and what changes in it. */
import Type from "typebox";
import { agentOf } from "../../kernel/actor.ts";
import { documentRoute } from "../document-route.ts";
import { positionFields } from "./shapes.ts";

const Elements = Type.Array(Type.String(), {
	description: "Sorted by code unit, none twice.",
});

export const getSnapshot = documentRoute({
	method: "GET",
	path: "/api/edge/snapshot",
	name: "getSnapshot",
	summary: "The whole desired set of the agent's site",
	description:
		'The ETag is `"site:epoch:rev"`; an agent that stands at a revision asks with `If-None-Match` and its tag. A snapshot may be a second old, but is never older than the tag that was sent. Compressed when `Accept-Encoding` asks for `br` or `gzip`.',
	tag: "Feed",
	scope: "edge:read",
	answer: {
		status: 200,
		description: "The set as it was at one moment.",
		schema: Type.Object({
			site: Type.String(),
			prefixes: Type.Array(Type.String(), {
				description:
					"The networks of the site; an element outside them is never applied.",
			}),
			...positionFields,
			digest: Type.String({
				description:
					"SHA-256 over all elements sorted by code unit, each followed by a line feed.",
			}),
			v4: Elements,
			v6: Elements,
			v6_64: Elements,
			nets: Elements,
		}),
	},
	find: ({ actor, etags, edge }) => edge.snapshot(agentOf(actor), etags),
});
