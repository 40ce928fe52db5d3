/** The client's side in a namespace: attempts, and sessions that live until something ends them. */
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
	type Conversation,
	nowMs,
	type Outcome,
	type Route,
} from "./resident-commands.ts";

const lineEveryMs = 5;

/** One attempt; resolves once the greeting is read, the kernel says no, or the time is over. */
export function attempt(route: Route, timeoutMs: number): Promise<Outcome> {
	return new Promise((resolve) => {
		const socket = open(route);
		const done = (outcome: Outcome) => {
			clearTimeout(timer);
			socket.destroy();
			resolve(outcome);
		};
		const timer = setTimeout(() => done("silent"), timeoutMs);
		socket.once("data", () => done("open"));
		socket.once("error", () => done("refused"));
	});
}

/** For so long one attempt waits; TCP itself would repeat a SYN that was silently refused after a second. */
const patienceMs = 300;
/** After so long the next begins, whatever became of the one before: the edge under test has the same two cores. */
const gapMs = 3;

/** Attempts, begun one after the other, until one of them is open; refuses after `timeoutMs`. */
export async function knock(
	route: Route,
	timeoutMs: number,
): Promise<{ tries: number; openAtMs: number }> {
	const until = nowMs() + timeoutMs;
	let openAtMs: number | undefined;
	for (let tries = 1; ; tries++) {
		void attempt(route, patienceMs).then((outcome) => {
			if (outcome === "open") openAtMs ??= nowMs();
		});
		await delay(gapMs);
		if (openAtMs !== undefined) return { tries, openAtMs };
		if (nowMs() >= until)
			throw new Error(`not open after ${tries} tries in ${timeoutMs} ms`);
	}
}

interface Running {
	readonly socket: Socket;
	read: number;
	ended: { atMs: number; code: string } | null;
}

const running: Running[] = [];

/** Opens a session that goes on; resolves with its number when the server has begun to talk without end. */
export function converse(route: Route): Promise<{ id: number }> {
	return new Promise((resolve, reject) => {
		const socket = open(route);
		const one: Running = { socket, read: 0, ended: null };
		const id = running.push(one) - 1;
		let lines: NodeJS.Timeout | undefined;
		const ended = (code: string) => {
			clearInterval(lines);
			one.ended ??= { atMs: nowMs(), code };
			reject(new Error(code));
		};
		socket.on("error", (error: NodeJS.ErrnoException) =>
			ended(error.code ?? error.message),
		);
		socket.on("close", () => ended("closed"));
		socket.once("data", () => socket.write("EHLO client.example\r\nHELP\r\n"));
		socket.on("data", (chunk) => {
			one.read += chunk.length;
			if (lines !== undefined || !chunk.includes("214-")) return;
			lines = setInterval(() => socket.write("NOOP\r\n"), lineEveryMs);
			resolve({ id });
		});
	});
}

export function conversation(id: number): Conversation {
	const one = running[id];
	if (one === undefined) throw new Error(`no conversation ${id}`);
	return {
		bytesWritten: one.socket.bytesWritten,
		bytesRead: one.read,
		ended: one.ended,
	};
}

export function hangUp(id: number): Conversation {
	running[id]?.socket.destroy();
	return conversation(id);
}

function open({ from, to, port }: Route): Socket {
	return connect({
		host: to,
		port,
		noDelay: true,
		...(from === undefined ? {} : { localAddress: from }),
	});
}
