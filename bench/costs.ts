/** The part of a run about single operations: one evaluation of the policy, one change of an allow-list until it is told. */
import { join } from "node:path";
import { evaluate } from "../server/domain/port25/policy/evaluate.ts";
import { defaultPolicy } from "../server/domain/port25/policy/policy.ts";
import { sampleFacts } from "../server/domain/port25/policy/sample-facts.ts";
import { openDatabase } from "./database.ts";
import { openFleet, takeSnapshot } from "./edge/agents.ts";
import { changesOf, fanOut } from "./edge/phases.ts";
import { seed } from "./edge/seed.ts";
import { cpuSeconds } from "./machine.ts";
import type { Order } from "./requests.ts";
import { started } from "./running.ts";
import { type Summary, summarise } from "./samples.ts";
import { startServer } from "./server-process.ts";

export interface CostFigures {
	/** Facts in, verdict and trace out. */
	readonly evaluationUs: number;
	readonly told: readonly Told[];
}

/** From the request for a change at the desk to the moment at which an agent has been told of it. */
export interface Told {
	readonly agents: number;
	readonly changes: number;
	readonly times: Summary;
	/** CPU of the server for each agent that is told, the change itself included; undefined where the machine does not say. */
	readonly cpuUs: number | undefined;
}

const evaluations = 20_000;
const fleets = [1, 100] as const;
const entries = 1_000;

export async function benchCosts({
	folder,
	pace,
	say,
}: Order): Promise<CostFigures> {
	const evaluationUs = timeEvaluations();
	say(`one evaluation of the policy: ${evaluationUs.toFixed(1)} µs`);
	const database = started(await openDatabase(folder));
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	const { agentKeys, staffKey, entryId } = await seed(database.admin, {
		...{ agents: Math.max(...fleets), entries },
	});
	const [key = ""] = agentKeys;
	const epoch = (await takeSnapshot(server.port, key)).etag.split(":")[1] ?? "";
	const desk = changesOf(entryId, staffKey);
	const changes = Math.ceil(pace.costS * 40);
	const told: Told[] = [];
	for (const agents of fleets) {
		const target = { port: server.port, keys: agentKeys.slice(0, agents) };
		const cursor = { epoch, revision: desk.revision() };
		const fleet = await openFleet(target, cursor);
		const before = cpuSeconds(server.pid);
		const times = await fanOut(fleet, changes, (i) =>
			desk.change(server.port, i),
		);
		const after = cpuSeconds(server.pid);
		fleet.close();
		const cpuUs =
			before === undefined || after === undefined
				? undefined
				: ((after - before) * 1e6) / (changes * agents);
		const summary = summarise(times, NaN);
		told.push({ agents, changes, times: summary, cpuUs });
		say(
			`a change until ${agents} agents are told: p50 ${summary.p50Ms.toFixed(1)} ms`,
		);
	}
	desk.close();
	await server.stop();
	await database.stop();
	return { evaluationUs, told };
}

/** Microseconds of one, of so many in a row; the first half only warms up. */
function timeEvaluations(): number {
	let beganAt = 0;
	const facts = sampleFacts();
	for (let i = 0; i < 2 * evaluations; i += 1) {
		if (i === evaluations) beganAt = performance.now();
		if (evaluate(defaultPolicy, facts).tier !== 3)
			throw new Error("the sample facts reach tier 3");
	}
	return ((performance.now() - beganAt) * 1000) / evaluations;
}
