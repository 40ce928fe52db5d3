/** Every route of the agents: the table of contents of `/api/edge`. */
import type { Route } from "../route.ts";
import { postAck } from "./ack.ts";
import { getSnapshot, streamChanges } from "./feed.ts";

export const edgeRoutes: readonly Route[] = [
	getSnapshot,
	streamChanges,
	postAck,
];
