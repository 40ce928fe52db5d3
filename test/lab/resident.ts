/**
 * The process that lives in a namespace of the lab and does there what it is asked to over its IPC channel. A namespace
 * lives as long as somebody lives in it, so the end of this process, and it ends with the lab's, is the end of everything.
 */
import { createSocket, type Socket } from "node:dgram";
import { EventEmitter, once } from "node:events";
import {
	attempt,
	conversation,
	converse,
	hangUp,
	knock,
} from "./conversations.ts";
import { answeredPort } from "./crafted-frames.ts";
import {
	type Answer,
	type ArgumentOf,
	type Ask,
	type CommandName,
	nowMs,
	type ResultOf,
} from "./resident-commands.ts";
import { createSmtpListener } from "./smtp-listener.ts";

const smtp = createSmtpListener();
let tunnel: { socket: Socket; peer: string } | undefined;
/** Ports that a SYN-ACK was sent to, and who waits for the next. */
const answeredPorts = new Set<number>();
const arrival = new EventEmitter();

const vxlanPort = 4789;
/** RFC 7348: a flag that the network number is valid, and the number, 1. */
const vxlanHeader = Buffer.from("0800000000000100", "hex");

const commands: {
	[C in CommandName]: (argument: ArgumentOf<C>) => Promise<ResultOf<C>>;
} = {
	async serve({ address, port }) {
		await smtp.listen(address, port);
		return null;
	},
	served: async ({ peer }) => smtp.sessionsOf(peer),
	connect: ({ timeoutMs, ...route }) => attempt(route, timeoutMs),
	knock: ({ timeoutMs, ...route }) => knock(route, timeoutMs),
	converse,
	conversation: async ({ id }) => conversation(id),
	hangUp: async ({ id }) => hangUp(id),
	async http({ method, url, headers, body }) {
		const sentAtMs = nowMs();
		const answer = await fetch(url, {
			method,
			...(headers === undefined ? {} : { headers }),
			...(body === undefined ? {} : { body }),
		});
		const text = await answer.text();
		const etag = answer.headers.get("etag");
		return { status: answer.status, text, etag, sentAtMs, gotAtMs: nowMs() };
	},
	async tunnel({ address, peer }) {
		const socket = createSocket("udp4");
		socket.on("message", (message) => {
			const port = answeredPort(message.subarray(vxlanHeader.length));
			if (port === undefined) return;
			answeredPorts.add(port);
			arrival.emit(String(port));
		});
		await new Promise<void>((resolve) =>
			socket.bind(vxlanPort, address, resolve),
		);
		tunnel = { socket, peer };
		return null;
	},
	async send({ frames }) {
		if (tunnel === undefined) throw new Error("no tunnel");
		const { socket, peer } = tunnel;
		for (const frame of frames) {
			const message = Buffer.concat([
				vxlanHeader,
				Buffer.from(frame, "base64"),
			]);
			await new Promise<void>((resolve, reject) =>
				socket.send(message, vxlanPort, peer, (error) =>
					error === null ? resolve() : reject(error),
				),
			);
		}
		return null;
	},
	async answered({ port, timeoutMs }) {
		if (!answeredPorts.has(port) && timeoutMs > 0)
			await once(arrival, String(port), {
				signal: AbortSignal.timeout(timeoutMs),
			}).catch(() => {});
		return answeredPorts.has(port);
	},
};

async function answer({ id, command, argument }: Ask): Promise<void> {
	const run: (argument: never) => Promise<unknown> = commands[command];
	const reply = (said: Answer) => void process.send?.(said);
	try {
		reply({ id, result: await run(argument as never) });
	} catch (error) {
		reply({ id, error: String(error) });
	}
}

process.on("message", (ask: Ask) => void answer(ask));
process.on("disconnect", () => process.exit());
process.send?.({ id: 0, result: "here" } satisfies Answer);
