/**
 * An SMTP server (RFC 5321) that takes mail and never stops talking: HELP is answered with a reply of many lines that has no
 * last one. A session that only the client's side keeps alive would die of silence by itself; this one does not.
 */
import { createServer, type Server, type Socket } from "node:net";
import { nowMs, type ServedSession } from "./resident-commands.ts";

interface Session {
	readonly peer: string;
	readonly port: number;
	readonly reads: { atMs: number; bytes: number }[];
	readonly socket: Socket;
}

export interface SmtpListener {
	listen(address: string, port: number): Promise<void>;
	sessionsOf(peer: string): ServedSession[];
	close(): void;
}

const talkEveryMs = 5;

export function createSmtpListener(): SmtpListener {
	const sessions: Session[] = [];
	const servers: Server[] = [];
	return {
		async listen(address, port) {
			const server = createServer((socket) => {
				const session: Session = {
					peer: (socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
					port,
					reads: [],
					socket,
				};
				sessions.push(session);
				talk(session);
			});
			servers.push(server);
			await new Promise<void>((resolve, reject) => {
				server.once("error", reject);
				server.listen({ port, host: address }, resolve);
			});
		},
		sessionsOf: (peer) =>
			sessions
				.filter((session) => session.peer === peer)
				.map(({ socket, ...session }) => ({
					...session,
					bytesWritten: socket.bytesWritten,
					isOpen: !socket.destroyed,
				})),
		close() {
			for (const server of servers) server.close();
			for (const { socket } of sessions) socket.destroy();
		},
	};
}

function talk({ socket, reads }: Session): void {
	let rest = "";
	let isInData = false;
	let chatter: NodeJS.Timeout | undefined;
	const say = (line: string) => void socket.write(`${line}\r\n`);
	socket.on("error", () => {});
	socket.on("close", () => clearInterval(chatter));
	socket.on("data", (chunk) => {
		reads.push({ atMs: nowMs(), bytes: chunk.length });
		const lines = (rest + chunk.toString("latin1")).split("\r\n");
		rest = lines.pop() ?? "";
		for (const line of lines) {
			if (isInData) {
				if (line !== ".") continue;
				isInData = false;
				say("250 2.0.0 taken");
			} else if (/^DATA$/i.test(line)) {
				isInData = true;
				say("354 go on");
			} else if (/^HELP$/i.test(line)) {
				chatter ??= setInterval(
					() => say("214-and another thing"),
					talkEveryMs,
				);
			} else if (/^QUIT$/i.test(line)) {
				say("221 2.0.0 bye");
				socket.end();
			} else if (/^EHLO /i.test(line)) {
				say("250-listener.example");
				say("250 HELP");
			} else if (/^(HELO|MAIL|RCPT|RSET|NOOP)\b/i.test(line)) {
				// After HELP there is always an answer on its way; another in its midst would be no SMTP.
				if (chatter === undefined) say("250 2.0.0 ok");
			} else say("500 5.5.2 what?");
		}
	});
	say("220 listener.example ESMTP");
}
