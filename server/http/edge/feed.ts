/** What agents at the edge read: the whole of their site's desired set, and what changes in it. */
import Type from "typebox";
import { agentOf } from "../../kernel/actor.ts";
import { documentRoute } from "../document-route.ts";
import { liveRoute } from "../live-route.ts";
import { cursorFrom } from "./change-stream.ts";
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

const Moved = Type.Array(Type.String());

export const streamChanges = liveRoute({
	method: "GET",
	path: "/api/edge/changes",
	name: "streamChanges",
	summary: "What changes in the desired set of the agent's site",
	description:
		"Begins behind the revision `after` of the epoch, or behind `Last-Event-ID` when that is the id of a change. A cursor of another epoch, or older than the changes that are kept (a week at least), is answered with 410 and `edge_cursor_gone`; one ahead of the site with 410 and `edge_cursor_ahead`.",
	tag: "Feed",
	scope: "edge:read",
	// One, and those that the other side has not noticed to be gone.
	streamsMax: 3,
	query: Type.Object({
		epoch: positionFields.epoch,
		after: positionFields.rev,
	}),
	stream: {
		description: "Changes in the order of their revisions, none left out.",
		events: {
			change: {
				description:
					"One step, to be applied on top of `prev` alone. Its id is `epoch:rev`.",
				data: Type.Object({
					...positionFields,
					prev: Type.Integer({ description: "`rev` less 1." }),
					del: Moved,
					add: Moved,
					at: Type.String({ description: "The clock of the change." }),
				}),
			},
			heartbeat: {
				description:
					"Where the site stands: at the start, and every 15 seconds without a change.",
				data: Type.Object(positionFields),
			},
			reset: {
				description:
					"The last event: the cursor is worth nothing any more. Take a snapshot.",
				data: Type.Object({
					reason: Type.Enum(["epoch", "gone", "ahead"]),
				}),
			},
		},
	},
	refusals: ["edge.cursor_gone", "edge.cursor_ahead"],
	open({ actor, query: { epoch, after }, lastEventId, signal, edge }) {
		const asked = { epoch: epoch.toLowerCase(), revision: after };
		const cursor = cursorFrom(lastEventId) ?? asked;
		return edge.changes(agentOf(actor), { cursor, signal });
	},
});
