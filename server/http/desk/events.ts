/** What happens, for the staff, as it happens (contract 14.61). */
import Type from "typebox";
import { staffHears, staffStreamScopes } from "../../domain/events/audience.ts";
import {
	CustomerChange,
	eventStream,
	eventStreamShape,
	eventStreamsMax,
	presentEvent,
} from "../live/event-stream.ts";
import { liveRoute } from "../live-route.ts";

const [scope, ...orScopes] = staffStreamScopes;

export const streamDeskEvents = liveRoute({
	method: "GET",
	path: "/api/desk/events",
	name: "streamDeskEvents",
	summary: "What happens, as it happens",
	description:
		"As `GET /api/v2/events`, of all clients. Which kinds come depends on the scopes of the key: `desk:tickets` for tickets, `desk:review` for port 25 and the allow-list, `desk:inventory` for clients and services, `desk:admin` for everything about the installation.",
	tag: "Events",
	scope,
	orScopes,
	streamsMax: eventStreamsMax,
	stream: eventStreamShape({
		...CustomerChange,
		clientId: Type.Union([Type.String(), Type.Null()]),
	}),
	open(call) {
		const { scopes } = call.actor;
		return eventStream(call, {
			holder: "desk",
			clientId: undefined,
			hears: (event) => staffHears(event, scopes),
			present: (event) => ({
				...presentEvent(event),
				clientId: event.clientId,
			}),
		});
	},
});
