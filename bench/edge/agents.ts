/** A thousand agents in one process: real connections, and of what an agent does only what the server notices. */
import {
	Agent,
	type ClientRequest,
	type IncomingMessage,
	request,
} from "node:http";

export interface Target {
	readonly port: number;
	/** The key of each agent. */
	readonly keys: readonly string[];
}

export interface Answer {
	readonly status: number;
	readonly bytes: number;
	readonly etag: string;
}

const host = "127.0.0.1";

function headersOf(key: string) {
	return { authorization: `Bearer ${key}` };
}

/** Asks for the snapshot as an agent that has none, and reads it to its end. */
export function takeSnapshot(port: number, key: string): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const asking = request({
			...{ host, port, path: "/api/edge/snapshot", agent: false },
			headers: { ...headersOf(key), "accept-encoding": "gzip" },
		});
		asking.once("error", reject);
		asking.once("response", (response) => {
			let bytes = 0;
			response.on("data", (chunk: Buffer) => {
				bytes += chunk.length;
			});
			response.once("error", reject);
			response.once("end", () =>
				resolve({
					status: response.statusCode ?? 0,
					bytes,
					etag: String(response.headers.etag),
				}),
			);
		});
		asking.end();
	});
}

export interface Fleet {
	/** Resolves when every agent has been told of this revision; how long after `from` each was. */
	reached(revision: number, from: number): Promise<number[]>;
	/** Called by each agent when it is told of a revision. */
	onRevision: (agent: number, revision: number) => void;
	/** How many streams are open. */
	open(): number;
	/** Agents connect there from the next time on. */
	moveTo(port: number): void;
	/** When each connection since the last call was opened. */
	takeConnections(): number[];
	/** Cuts all streams for good. */
	close(): void;
}

export interface Cursor {
	readonly epoch: string;
	readonly revision: number;
}

/** Opens a stream for each key. One that is cut is opened again as the server asks, from where it was. */
export async function openFleet(
	{ port: firstPort, keys }: Target,
	cursor: Cursor,
): Promise<Fleet> {
	const revisions = new Float64Array(keys.length).fill(cursor.revision);
	const requests = new Set<ClientRequest>();
	const waiting = new Set<(agent: number, at: number) => void>();
	let connections: number[] = [];
	let port = firstPort;
	let open = 0;
	let isClosed = false;
	const fleet: Fleet = {
		onRevision: () => {},
		open: () => open,
		moveTo(next) {
			port = next;
		},
		takeConnections() {
			const taken = connections;
			connections = [];
			return taken;
		},
		reached: (revision, from) =>
			new Promise((resolve) => {
				const times = new Map<number, number>();
				const note = (agent: number, at: number) => {
					if ((revisions[agent] ?? 0) < revision || times.has(agent)) return;
					times.set(agent, at - from);
					if (times.size < keys.length) return;
					waiting.delete(note);
					resolve([...times.values()]);
				};
				waiting.add(note);
				const now = performance.now();
				for (const agent of keys.keys()) note(agent, now);
			}),
		close() {
			isClosed = true;
			for (const one of requests) one.destroy();
		},
	};

	function told(agent: number, revision: number): void {
		revisions[agent] = revision;
		const at = performance.now();
		for (const note of waiting) note(agent, at);
		fleet.onRevision(agent, revision);
	}

	function connect(agent: number, key: string, onOpen: () => void): void {
		if (isClosed) return;
		const query = `epoch=${cursor.epoch}&after=${revisions[agent]}`;
		const asking = request({
			...{ host, port, path: `/api/edge/changes?${query}`, agent: false },
			headers: headersOf(key),
		});
		requests.add(asking);
		let retryMs = 1_000 + Math.random() * 2_000;
		let isOpen = false;
		asking.once("response", (response) => {
			if (response.statusCode !== 200) {
				response.resume();
				return;
			}
			isOpen = true;
			open += 1;
			connections.push(performance.now());
			onOpen();
			readLines(response, (name, value) => {
				if (name === "retry") retryMs = Number(value);
				if (name === "id") {
					const revision = Number(value.slice(value.lastIndexOf(":") + 1));
					if (revision > (revisions[agent] ?? 0)) told(agent, revision);
				}
			});
		});
		asking.on("error", () => {});
		asking.once("close", () => {
			requests.delete(asking);
			if (isOpen) open -= 1;
			setTimeout(() => connect(agent, key, onOpen), retryMs).unref();
		});
		asking.end();
	}

	await new Promise<void>((resolve) => {
		let left = keys.length;
		for (const [agent, key] of keys.entries()) {
			let isFirst = true;
			connect(agent, key, () => {
				if (isFirst) left -= 1;
				isFirst = false;
				if (left === 0) resolve();
			});
		}
	});
	return fleet;
}

function readLines(
	response: IncomingMessage,
	onField: (name: string, value: string) => void,
): void {
	let rest = "";
	response.on("error", () => {});
	response.setEncoding("utf8").on("data", (chunk: string) => {
		const lines = (rest + chunk).split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) {
			const colon = line.indexOf(":");
			if (colon > 0) onField(line.slice(0, colon), line.slice(colon + 2));
		}
	});
}

/** Posts JSON over connections that are kept; the parsed answer. */
export function createPoster(sockets: number) {
	const agent = new Agent({ keepAlive: true, maxSockets: sockets });
	return {
		post: (port: number, path: string, key: string, body: object) =>
			new Promise<unknown>((resolve, reject) => {
				const text = JSON.stringify(body);
				const asking = request({
					...{ host, port, path, agent, method: "POST" },
					headers: { ...headersOf(key), "content-type": "application/json" },
				});
				asking.once("error", reject);
				asking.once("response", (response) => {
					let answer = "";
					response.setEncoding("utf8").on("data", (chunk) => {
						answer += chunk;
					});
					response.once("end", () =>
						response.statusCode === 200
							? resolve(JSON.parse(answer))
							: reject(new Error(`${response.statusCode}: ${answer}`)),
					);
				});
				asking.end(text);
			}),
		close: () => agent.destroy(),
	};
}
