/**
 * A control plane for the agent's tests: real HTTP, the protocol of `contract/edge-protocol.ts`, and every lie of
 * `feed-faults.ts`. What it holds is always right; faults are in how it is told.
 */
import {
	createServer,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { Ack, Change, Position } from "../../contract/edge-protocol.ts";
import { site, snapshotOf, summandOf, sumText } from "./elements.ts";
import {
	answerWrongly,
	type ChangeFault,
	eventOf,
	type SnapshotFault,
	type StreamFault,
	wrongEvent,
} from "./feed-faults.ts";

const heartbeatMs = 50;

export class FeedServer {
	rev = 0;
	epoch: string;
	readonly acks: Ack[] = [];
	/** Faults that are used up, one by each answer. */
	readonly snapshotFaults: SnapshotFault[] = [];
	readonly streamFaults: StreamFault[] = [];
	/** What the answer to a report says; true for as long as it is set. */
	acceptHeld = false;
	/** Tried with each request; anything else is answered 401. */
	readonly key = "pst_edge_test_not_a_key";
	/** Requests by path, as they came. */
	readonly asked: string[] = [];
	readonly #server: Server;
	readonly #elements = new Set<string>();
	readonly #positions = new Set<string>();
	#sum = 0n;
	readonly #streams = new Set<ServerResponse>();
	#history: Change[] = [];
	#late: string[] = [];
	#ready: { readonly rev: number; readonly body: string } | null = null;
	#epochs = 0;
	#heartbeat: NodeJS.Timeout | undefined;
	#onAck: ((ack: Ack) => void)[] = [];

	constructor() {
		this.epoch = this.#nextEpoch();
		this.#server = createServer((request, answer) =>
			this.#answer(request, answer),
		);
	}

	async listen(port = 0): Promise<URL> {
		await new Promise<void>((resolve) =>
			this.#server.listen(port, "127.0.0.1", resolve),
		);
		this.#heartbeat = setInterval(() => this.heartbeat(), heartbeatMs);
		const { port: taken } = this.#server.address() as AddressInfo;
		return new URL(`http://127.0.0.1:${taken}`);
	}

	async close(): Promise<void> {
		clearInterval(this.#heartbeat);
		await new Promise((resolve) => {
			this.#server.close(resolve);
			this.#server.closeAllConnections();
		});
	}

	/** Whether it ever stood there, with just that number and sum. */
	everStoodAt({ epoch, rev, n, sum }: Position): boolean {
		return this.#positions.has(`${epoch} ${rev} ${n} ${sum}`);
	}

	get elements(): string[] {
		return [...this.#elements];
	}

	get position(): Position {
		const { rev, epoch } = this;
		return { epoch, rev, n: this.#elements.size, sum: sumText(this.#sum) };
	}

	/** Commits a change of the set, and tells it, or not. */
	change(
		{
			add = [],
			del = [],
		}: { readonly add?: readonly string[]; readonly del?: readonly string[] },
		fault?: ChangeFault,
	): void {
		const added = new Set(add);
		const gone = new Set(del.filter((element) => !added.has(element)));
		const change: Change = {
			del: [...gone].filter((element) => this.#elements.has(element)),
			add: [...added].filter((element) => !this.#elements.has(element)),
			prev: this.rev++,
			...this.#with(gone, added),
			at: "2026-11-20T10:00:00.000Z",
		};
		this.#history.push(change);
		this.#tell(change, fault);
	}

	/** Commits a whole set as one change. */
	become(after: readonly string[], fault?: ChangeFault): void {
		const wanted = new Set(after);
		const del = this.elements.filter((element) => !wanted.has(element));
		this.change({ add: after, del }, fault);
	}

	/** The position after that. */
	#with(gone: Iterable<string>, added: Iterable<string>): Position {
		for (const element of gone)
			if (this.#elements.delete(element)) this.#sum -= summandOf(element);
		for (const element of added) {
			if (this.#elements.has(element)) continue;
			this.#elements.add(element);
			this.#sum += summandOf(element);
		}
		return this.#remember();
	}

	#remember(): Position {
		const { epoch, rev, n, sum } = this.position;
		this.#positions.add(`${epoch} ${rev} ${n} ${sum}`);
		return { epoch, rev, n, sum };
	}

	/** Another life of the revisions; deltas are forgotten. Streams hear of it, or are left to find out. */
	restart(after: readonly string[], isTold: boolean): void {
		this.epoch = this.#nextEpoch();
		this.rev = after.length === 0 ? 0 : 1;
		this.#with(this.elements, after);
		this.#history = [];
		this.#late = [];
		if (!isTold) return;
		for (const stream of this.#streams)
			stream.end(eventOf("reset", { reason: "epoch" }));
	}

	/** The same epoch at an earlier revision with another set: a database that was put back, and nobody noticed. */
	rewind(revisions: number, after: readonly string[]): void {
		this.rev = Math.max(1, this.rev - revisions);
		this.#with(this.elements, after);
		this.#history = [];
		this.#late = [];
		this.cut();
	}

	/** Forgets all deltas. Whoever stands where the server does may follow, all others take a snapshot. */
	forgetAll(): void {
		this.#history = [];
		this.rev += 1;
		this.#remember();
	}

	/** Forgets all deltas but the newest. */
	forget(): void {
		this.#history = this.#history.slice(-1);
	}

	/** Makes a snapshot ready, which is given for as long as the caller does not say that it has a newer one. */
	makeReady(): void {
		this.#ready = { rev: this.rev, body: this.#body() };
	}

	/** Ends every stream. */
	cut(): void {
		for (const stream of this.#streams) stream.destroy();
	}

	heartbeat(position: Position = this.position): void {
		this.#send(eventOf("heartbeat", position));
	}

	/** Sends anything to every stream. */
	send(text: string): void {
		this.#send(text);
	}

	get streams(): number {
		return this.#streams.size;
	}

	/** The next report that passes, or one that came already and was not looked at. */
	acked(passes: (ack: Ack) => boolean): Promise<Ack> {
		const found = this.acks.findLast(passes);
		if (found !== undefined) return Promise.resolve(found);
		return new Promise((resolve) => {
			this.#onAck.push((ack) => {
				if (passes(ack)) resolve(ack);
			});
		});
	}

	/** Resolves when the agent has reported that it stands where the server does. */
	async settled(): Promise<Ack> {
		const { epoch, rev, n, sum } = this.position;
		return await this.acked(
			(ack) =>
				ack.epoch === epoch &&
				ack.rev === rev &&
				ack.n === n &&
				ack.sum === sum,
		);
	}

	#nextEpoch(): string {
		return `00000000-0000-4000-8000-${String(++this.#epochs).padStart(12, "0")}`;
	}

	#answer(request: IncomingMessage, answer: ServerResponse): void {
		const url = new URL(request.url ?? "", "http://localhost");
		this.asked.push(url.pathname);
		answer.on("error", () => {});
		if (request.headers.authorization !== `Bearer ${this.key}`)
			answer.writeHead(401).end();
		else if (url.pathname === "/api/edge/snapshot")
			this.#snapshot(request, answer);
		else if (url.pathname === "/api/edge/changes")
			this.#stream(url.searchParams, answer);
		else if (url.pathname === "/api/edge/ack") this.#ack(request, answer);
		else answer.writeHead(404).end();
	}

	#snapshot(request: IncomingMessage, answer: ServerResponse): void {
		const etag = `"${site}:${this.epoch}:${this.rev}"`;
		const fault = this.snapshotFaults.shift();
		if (fault !== undefined) {
			answerWrongly(answer, fault, this);
			return;
		}
		if (request.headers["if-none-match"] === etag) {
			answer.writeHead(304, { etag }).end();
			return;
		}
		const tag = request.headers["if-none-match"] ?? "";
		const known = Number(tag.slice(0, -1).split(":").at(-1));
		const isEnough = this.#ready !== null && known <= this.#ready.rev;
		const body = isEnough ? (this.#ready?.body ?? "") : this.#body();
		const mayZip = request.headers["accept-encoding"]?.includes("gzip");
		answer.writeHead(200, {
			"content-type": "application/json; charset=utf-8",
			etag,
			...(mayZip ? { "content-encoding": "gzip" } : {}),
		});
		answer.end(mayZip ? gzipSync(body, { level: 1 }) : body);
	}

	#body(): string {
		return JSON.stringify(snapshotOf(this.elements, this.rev, this.epoch));
	}

	#stream(query: URLSearchParams, answer: ServerResponse): void {
		const fault = this.streamFaults.shift();
		if (fault !== undefined && fault !== "silent" && fault !== "endless") {
			answerWrongly(answer, fault, this);
			return;
		}
		const after = Number(query.get("after"));
		const isKnown =
			query.get("epoch") === this.epoch &&
			after <= this.rev &&
			after >= (this.#history[0]?.prev ?? this.rev);
		if (!isKnown) {
			answer.writeHead(410, { "content-type": "application/problem+json" });
			const isAhead = query.get("epoch") === this.epoch && after > this.rev;
			const code = isAhead ? "edge_cursor_ahead" : "edge_cursor_gone";
			answer.end(JSON.stringify({ code }));
			return;
		}
		answer.writeHead(200, { "content-type": "text/event-stream" });
		answer.flushHeaders();
		if (fault === "silent") return;
		if (fault === "endless") {
			const timer = setInterval(() => answer.write("data: x"), 5);
			answer.on("close", () => clearInterval(timer));
			return;
		}
		answer.write(eventOf("heartbeat", this.position));
		for (const change of this.#history)
			if (change.rev > after) answer.write(eventOf("change", change));
		this.#streams.add(answer);
		answer.on("close", () => this.#streams.delete(answer));
	}

	#ack(request: IncomingMessage, answer: ServerResponse): void {
		let text = "";
		request.on("data", (piece) => {
			text += piece;
		});
		request.on("end", () => {
			const ack: Ack = JSON.parse(text);
			this.acks.push(ack);
			answer.writeHead(200, { "content-type": "application/json" });
			const { epoch, rev, acceptHeld } = this;
			answer.end(JSON.stringify({ epoch, rev, acceptHeld }));
			for (const take of this.#onAck) take(ack);
		});
	}

	#tell(change: Change, fault: ChangeFault | undefined): void {
		const event = eventOf("change", change);
		const late = this.#late.splice(0);
		if (fault === "late") this.#late.push(event);
		else if (fault === "cut") this.cut();
		else if (fault === "repeated") this.#send(event + event);
		else if (fault === undefined) this.#send(event);
		else if (fault !== "dropped") this.#send(wrongEvent(change, fault));
		for (const one of late) this.#send(one);
	}

	#send(text: string): void {
		for (const stream of this.#streams) stream.write(text);
	}
}
