/** `postern edge`: the agents that enforce the sites, for the operator. */
import type { Command } from "commander";
import { listSites } from "../domain/allowlist/list-sites.ts";
import type { Site } from "../domain/allowlist/site.ts";
import { acceptHold } from "../domain/edge/accept-hold.ts";
import { addAgent } from "../domain/edge/add-agent.ts";
import {
	type AgentAction,
	type EdgeAgent,
	standingOf,
} from "../domain/edge/agent.ts";
import { changeAgent } from "../domain/edge/change-agent.ts";
import { listEdgeAgents } from "../domain/edge/list-agents.ts";
import { rollAgentKey } from "../domain/edge/roll-agent-key.ts";
import { system } from "../kernel/actor.ts";
import { isId } from "../kernel/id.ts";
import { StartFailure } from "../platform/start-failure.ts";
import {
	type CommandContext,
	onDatabase,
	print,
	sayWhatIsMissing,
	shown,
} from "./command.ts";
import { overlapOption } from "./roll-key.ts";

const actor = system("cli");

export function addEdge(program: Command): void {
	const edge = program
		.command("edge")
		.description("add, list, disable and remove agents at the edge");
	edge
		.command("add-agent")
		.description(
			"let a machine enforce a site; its key is shown once, and goes into the agent's configuration",
		)
		.argument(
			"<site>",
			"the site, by its id: one that there is not is answered with those that there are",
		)
		.argument("<name>", "which machine it is, for people to read")
		.action((siteId: string, name: string) =>
			onDatabase(async ({ performer }) => {
				const sites = await performer.ask(actor, listSites, {});
				if (!sites.some(({ id }) => id === siteId))
					throw new StartFailure(
						`There is no site ${shown(siteId)}. ${sitesLine(sites)}`,
					);
				const made = await performer.perform(actor, addAgent, { siteId, name });
				print(`Added ${made.id} (${made.name} at ${made.siteId}).`);
				print("The key is shown only now:");
				print(made.key ?? "");
			}),
		);
	edge
		.command("list")
		.description("list agents with what they last said")
		.option("--site <site>", "only this site's")
		.action((options: { site?: string }) =>
			onDatabase((context) => list(context, options.site)),
		);
	withAgent(
		edge
			.command("roll-key")
			.description("give an agent another key; it is shown once"),
	)
		.addOption(overlapOption())
		.action((id: string, { overlapHours }: { overlapHours: number }) =>
			onAgent(id, async ({ performer }) => {
				const input = { id, overlapHours };
				const made = await performer.perform(actor, rollAgentKey, input);
				print(`${made.id} (${made.name}) has another key, shown only now:`);
				print(made.key ?? "");
			}),
		);
	withAgent(
		edge
			.command("accept")
			.description(
				"let an agent apply the snapshot that it holds back; it hears of it within half a minute",
			),
	).action((id: string) =>
		onAgent(id, async ({ performer }) => {
			const agent = await performer.perform(actor, acceptHold, { id });
			print(`${agent.id} (${agent.name} at ${agent.siteId}) may apply it.`);
		}),
	);
	addAction(
		edge,
		"disable",
		"end an agent's access within a second; what it holds open keeps revocations `closing`",
	);
	addAction(edge, "enable", "let a disabled agent in again, with its key");
	addAction(
		edge,
		"remove",
		"say that the machine is gone: nothing waits for it any more; cannot be undone",
	);
}

function withAgent(command: Command): Command {
	return command.argument("<agent-id>", "the agent: agent_…");
}

function addAction(
	edge: Command,
	action: AgentAction,
	description: string,
): void {
	withAgent(edge.command(action).description(description)).action(
		(id: string) =>
			onAgent(id, async ({ performer }) => {
				const agent = await performer.perform(actor, changeAgent, {
					id,
					action,
				});
				print(
					`${agent.id} (${agent.name} at ${agent.siteId}): ${standingOf(agent)}.`,
				);
			}),
	);
}

async function onAgent(
	id: string,
	body: (context: CommandContext) => Promise<void>,
): Promise<void> {
	// Not shown again: it may be the key.
	if (!isId("agent", id))
		throw new StartFailure(
			"That is not the id of an agent. It begins with agent_: see `postern edge list`.",
		);
	await onDatabase((context) =>
		body(context).catch(sayWhatIsMissing(`There is no agent ${id}.`)),
	);
}

async function list(
	{ performer }: CommandContext,
	siteId: string | undefined,
): Promise<void> {
	const agents = await performer.ask(actor, listEdgeAgents, { siteId });
	for (const agent of agents) print(lineOf(agent));
	if (agents.length === 0)
		print(
			siteId === undefined
				? `There is no agent. ${sitesLine(await performer.ask(actor, listSites, {}))}`
				: `There is no agent at ${shown(siteId)}.`,
		);
}

const sitesShownMax = 20;

function sitesLine(sites: readonly Site[]): string {
	if (sites.length === 0)
		return "There is no site yet: `PUT /api/desk/sites/{id}` makes one.";
	const names = sites.slice(0, sitesShownMax).map(({ id }) => id);
	const more = sites.length - names.length;
	return `Sites: ${names.join(", ")}${more > 0 ? `, and ${more} more` : ""}.`;
}

function lineOf(agent: EdgeAgent): string {
	return [
		agent.id,
		standingOf(agent).padEnd(9),
		(agent.revision === null ? "-" : String(agent.revision)).padStart(9),
		(agent.seenAt?.toISOString() ?? "never").padEnd(24),
		agent.siteId,
		agent.name,
	].join("  ");
}
