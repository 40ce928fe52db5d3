/** The edge, for administrators: what each site stands at, and how far each agent has followed. */
import Type from "typebox";
import { acceptHold } from "../../domain/edge/accept-hold.ts";
import { readAgent, readEdge } from "../../domain/edge/read-edge.ts";
import { route } from "../route.ts";
import {
	DeskAgent,
	DeskAgentState,
	DeskAlarm,
	DeskDrift,
	DeskEdgeSite,
	presentAgent,
	presentAgentState,
	presentAlarm,
	presentDrift,
	presentEdgeSite,
} from "./edge-shapes.ts";

const Id = Type.Object({ id: Type.String() });

export const getEdge = route({
	method: "GET",
	path: "/api/desk/edge",
	name: "getEdge",
	summary: "Sites, agents and alarms of the edge",
	tag: "Edge",
	scope: "desk:admin",
	answer: {
		status: 200,
		description:
			"Sites by their ids; agents by site and name; alarms that are on, then those that were cleared within a day, newest first.",
		schema: Type.Object({
			sites: Type.Array(DeskEdgeSite),
			agents: Type.Array(DeskAgentState),
			alarms: Type.Array(DeskAlarm),
		}),
	},
	async handle({ ask }) {
		const { sites, agents, alarms } = await ask(readEdge, {});
		return {
			sites: sites.map(presentEdgeSite),
			agents: agents.map(presentAgentState),
			alarms: alarms.map(presentAlarm),
		};
	},
});

export const getEdgeAgent = route({
	method: "GET",
	path: "/api/desk/edge/agents/{id}",
	name: "getEdgeAgent",
	summary: "One agent, with its last drift reports",
	tag: "Edge",
	scope: "desk:admin",
	params: Id,
	answer: {
		status: 200,
		description: "The agent; its 50 last drift reports, newest first.",
		schema: Type.Object({
			...DeskAgentState.properties,
			drifts: Type.Array(DeskDrift),
		}),
	},
	refusals: ["resource.not_found"],
	async handle({ params, ask }) {
		const { drifts, ...agent } = await ask(readAgent, params);
		return { ...presentAgentState(agent), drifts: drifts.map(presentDrift) };
	},
});

export const acceptEdgeHold = route({
	method: "POST",
	path: "/api/desk/edge/agents/{id}/actions/accept",
	name: "acceptEdgeHold",
	summary: "Let an agent apply the snapshot that it holds back",
	description:
		"The one that its alarm `snapshot_held` is of, and no later one. The agent hears of it with its next report.",
	tag: "Edge",
	scope: "desk:admin",
	isDecision: true,
	params: Id,
	answer: { status: 200, description: "The agent.", schema: DeskAgent },
	refusals: ["resource.not_found", "edge.nothing_held"],
	handle: async ({ params, perform }) =>
		presentAgent(await perform(acceptHold, params)),
});
