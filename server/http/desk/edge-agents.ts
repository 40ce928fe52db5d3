/** Agents at the edge, for administrators: let a machine enforce a site, change its key, take it out again. */
import Type from "typebox";
import { overlapHoursMax } from "../../domain/accounts/replace-key.ts";
import { siteIdPattern } from "../../domain/allowlist/site.ts";
import { type AgentWithKey, addAgent } from "../../domain/edge/add-agent.ts";
import { agentNameMax } from "../../domain/edge/agent.ts";
import { changeAgent } from "../../domain/edge/change-agent.ts";
import { rollAgentKey } from "../../domain/edge/roll-agent-key.ts";
import { route } from "../route.ts";
import { DeskAgent, presentAgent } from "./edge-shapes.ts";

const Id = Type.Object({ id: Type.String() });

const AgentKey = Type.Object({
	...DeskAgent.properties,
	key: Type.Union([Type.String(), Type.Null()], {
		description:
			"The key itself, shown this once; null when the request was a repeat under its Idempotency-Key.",
	}),
});

export const addEdgeAgent = route({
	method: "POST",
	path: "/api/desk/edge/agents",
	name: "addEdgeAgent",
	summary: "Add an agent to a site, with its key",
	description:
		"Nothing waits for it before it has reported that it is armed. No two agents of a site have the same name.",
	tag: "Edge",
	scope: "desk:admin",
	isDecision: true,
	body: Type.Object({
		siteId: Type.String({ pattern: siteIdPattern }),
		name: Type.String({ format: "not-blank", maxLength: agentNameMax }),
	}),
	answer: {
		status: 201,
		description: "The agent, with its key.",
		schema: AgentKey,
	},
	refusals: ["edge.name_taken"],
	async handle({ body, perform }) {
		return presentWithKey(await perform(addAgent, body));
	},
});

export const rollEdgeAgentKey = route({
	method: "POST",
	path: "/api/desk/edge/agents/{id}/actions/roll-key",
	name: "rollEdgeAgentKey",
	summary: "Give an agent another key",
	description: "The old key works on for `overlapHours`; 0 ends it at once.",
	tag: "Edge",
	scope: "desk:admin",
	isDecision: true,
	params: Id,
	body: Type.Object({
		overlapHours: Type.Optional(
			Type.Integer({ minimum: 0, maximum: overlapHoursMax, default: 0 }),
		),
	}),
	answer: {
		status: 200,
		description: "The agent, with its new key.",
		schema: AgentKey,
	},
	refusals: ["resource.not_found", "key.not_found"],
	async handle({ params: { id }, body: { overlapHours = 0 }, perform }) {
		return presentWithKey(await perform(rollAgentKey, { id, overlapHours }));
	},
});

export const disableEdgeAgent = route({
	method: "POST",
	path: "/api/desk/edge/agents/{id}/actions/disable",
	name: "disableEdgeAgent",
	summary: "Disable an agent",
	description:
		"Its key stops working within a second, and nothing waits for it to open any more. What it was given it may still hold open: revocations stay `closing` until it is enabled and has acknowledged them, or is removed.",
	tag: "Edge",
	scope: "desk:admin",
	isDecision: true,
	params: Id,
	answer: { status: 200, description: "The agent.", schema: DeskAgent },
	refusals: ["resource.not_found"],
	handle: async ({ params: { id }, perform, edge }) => {
		const agent = await perform(changeAgent, { id, action: "disable" });
		edge.settle(agent.siteId);
		return presentAgent(agent);
	},
});

export const enableEdgeAgent = route({
	method: "POST",
	path: "/api/desk/edge/agents/{id}/actions/enable",
	name: "enableEdgeAgent",
	summary: "Enable an agent again",
	description: "It counts again once it has reported that it is armed.",
	tag: "Edge",
	scope: "desk:admin",
	isDecision: true,
	params: Id,
	answer: { status: 200, description: "The agent.", schema: DeskAgent },
	refusals: ["resource.not_found"],
	handle: async ({ params: { id }, perform }) =>
		presentAgent(await perform(changeAgent, { id, action: "enable" })),
});

export const removeEdgeAgent = route({
	method: "DELETE",
	path: "/api/desk/edge/agents/{id}",
	name: "removeEdgeAgent",
	summary:
		"Remove an agent: its machine is gone, or passes no traffic any more",
	description:
		"It counts for nothing any more, and its key is revoked. That cannot be undone; a machine that comes back is a new agent.",
	tag: "Edge",
	scope: "desk:admin",
	isDecision: true,
	params: Id,
	answer: {
		status: 200,
		description: "The agent as it was.",
		schema: DeskAgent,
	},
	refusals: ["resource.not_found"],
	handle: async ({ params: { id }, apply, edge }) => {
		const agent = await apply(changeAgent, { id, action: "remove" });
		edge.settle(agent.siteId);
		return presentAgent(agent);
	},
});

function presentWithKey({ key, ...agent }: AgentWithKey) {
	return { ...presentAgent(agent), key };
}
