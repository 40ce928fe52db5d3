/** What happens to a client, as it happens: an extension (contract 14.61). */
import {
	customerHears,
	customerStreamScopes,
} from "../../domain/events/audience.ts";
import { customerOf } from "../../kernel/actor.ts";
import {
	CustomerChange,
	eventStream,
	eventStreamShape,
	eventStreamsMax,
	presentEvent,
} from "../live/event-stream.ts";
import { liveRoute } from "../live-route.ts";

const [scope, ...orScopes] = customerStreamScopes;

export const streamEvents = liveRoute({
	method: "GET",
	path: "/api/v2/events",
	name: "streamEvents",
	summary: "What happens, as it happens",
	description:
		"A stream of server-sent events with ids and kinds: read the thing itself to see what it has become. Which kinds come depends on the scopes of the key: `read:support` for tickets and port 25, `read:account` for API keys, `read:vm`, `read:hosting` and `read:domains` for services. Send the last `id` as `Last-Event-ID` to go on without missing anything. A key may have five streams open.",
	tag: "Events",
	scope,
	orScopes,
	isExtension: true,
	streamsMax: eventStreamsMax,
	stream: eventStreamShape(CustomerChange),
	open(call) {
		const { clientId, scopes } = customerOf(call.actor);
		return eventStream(call, {
			holder: clientId,
			clientId,
			hears: (event) => customerHears(event, { clientId, scopes }),
			present: presentEvent,
		});
	},
});
