/** The real server with its own PostgreSQL, in the namespace `desk`, with two customers whose addresses the lab has. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { type Processes, type Running, root } from "../e2e/postern-process.ts";
import type { HttpAnswer } from "./resident-commands.ts";
import { at, type Lab } from "./topology.ts";

export interface LabCustomer {
	readonly key: string;
	readonly vpsId: string;
}

export interface ControlPlane extends Planted {
	readonly url: string;
	/** An answer of the API, asked for from its own namespace. Its body is `text`. */
	ask(
		key: string,
		method: "GET" | "POST",
		path: string,
		body?: object,
	): Promise<HttpAnswer>;
	/** Resolves once every agent that there is has reported that it is armed and where the site stands. */
	isArmed(): Promise<void>;
	/** Kills the server and its PostgreSQL outright. */
	kill(): Promise<void>;
	/** Starts it again on the same data and the same port. */
	restart(): Promise<void>;
}

/** All addresses of each customer's server; the first is its primary one. */
export interface Seed {
	readonly one: readonly string[];
	readonly two: readonly string[];
}

export interface Planted {
	readonly one: LabCustomer;
	readonly two: LabCustomer;
	readonly reviewerKey: string;
	readonly agentKey: string;
}

const port = 8080;

export async function startControlPlane(
	lab: Lab,
	processes: Processes,
	seed: Seed = { one: Object.values(at.one), two: Object.values(at.two) },
): Promise<ControlPlane> {
	const url = `http://${at.desk}:${port}`;
	const env = {
		HOST: at.desk,
		PORT: String(port),
		POSTERN_DATA_DIR: processes.newDataDir(),
		// What is tried here is the edge, with more requests in a minute than a person makes.
		POSTERN_PORT25_PER_HOUR: "1000",
		POSTERN_RATE_KEY_PER_MINUTE: "100000",
		POSTERN_RATE_CLIENT_PER_MINUTE: "100000",
	};
	const start = async () => {
		const server = processes.startProgram(
			[
				...lab.desk.enter,
				process.execPath,
				join(root, "server/main.ts"),
				"serve",
				"--no-demo",
			],
			env,
		);
		await server.says(/Postern answers at (\S+)\n/);
		return server;
	};
	const ask: ControlPlane["ask"] = (key, method, path, body) =>
		lab.desk.ask("http", {
			method,
			url: `${url}${path}`,
			headers: {
				authorization: `Bearer ${key}`,
				...(body === undefined ? {} : { "content-type": "application/json" }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
	let running: Running = await start();
	const planted: Planted = JSON.parse(
		lab.desk.run([
			process.execPath,
			fileURLToPath(new URL("plant.ts", import.meta.url)),
			env.POSTERN_DATA_DIR,
			JSON.stringify(seed),
		]),
	);
	return {
		url,
		...planted,
		ask,
		async isArmed() {
			await vi.waitFor(
				async () => {
					const answer = await ask(
						planted.reviewerKey,
						"GET",
						"/api/desk/edge",
					);
					expect(JSON.parse(answer.text).agents).toMatchObject([
						{ armed: true, behind: 0 },
					]);
				},
				{ timeout: 30_000, interval: 50 },
			);
		},
		async kill() {
			running.send("SIGKILL");
			await running.ended;
		},
		async restart() {
			running = await start();
		},
	};
}
