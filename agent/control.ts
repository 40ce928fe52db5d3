/** How `status`, `accept` and the canary speak with the agent that runs: HTTP over a socket that only root can open. */

import { chmodSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { createServer, request, type Server } from "node:http";
import { join } from "node:path";

export const controlSocket = (runtimeFolder: string): string =>
	join(runtimeFolder, "control.sock");

/** A question by its name; the answer goes back as JSON. */
export type Answers = Readonly<Record<string, (argument: unknown) => unknown>>;

const argumentBytesMax = 65_536;

/** Listens. The lock must be held, because a socket that somebody has left behind is removed. */
export async function listenForControl(
	path: string,
	answers: Answers,
): Promise<Server> {
	await unlink(path).catch(() => {});
	const server = createServer((question, answer) => {
		const pieces: Buffer[] = [];
		let bytes = 0;
		question.on("data", (piece: Buffer) => {
			bytes += piece.length;
			if (bytes > argumentBytesMax) question.destroy();
			else pieces.push(piece);
		});
		question.on("end", () => {
			const { status, body } = answerTo(
				answers[(question.url ?? "").slice(1)],
				Buffer.concat(pieces).toString(),
			);
			answer.writeHead(status, { "content-type": "application/json" });
			answer.end(JSON.stringify(body));
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(path, resolve);
	});
	chmodSync(path, 0o600);
	return server;
}

function answerTo(
	answer: Answers[string] | undefined,
	argument: string,
): { readonly status: number; readonly body: unknown } {
	if (answer === undefined) return { status: 404, body: null };
	try {
		const parsed: unknown = argument === "" ? null : JSON.parse(argument);
		return { status: 200, body: answer(parsed) ?? null };
	} catch (error) {
		return { status: 400, body: String(error) };
	}
}

/** Asks the agent that runs. Throws when there is none. */
export function askControl(
	path: string,
	name: string,
	argument: unknown = null,
): Promise<unknown> {
	return new Promise((resolve, reject) => {
		const question = request(
			{ socketPath: path, method: "POST", path: `/${name}`, timeout: 5_000 },
			(answer) => {
				let text = "";
				answer.setEncoding("utf8");
				answer.on("data", (piece: string) => {
					text += piece;
				});
				answer.on("end", () => {
					if (answer.statusCode === 200) resolve(JSON.parse(text));
					else reject(new Error(`the agent says no to ${name}: ${text}`));
				});
			},
		);
		question.on("timeout", () =>
			question.destroy(new Error("the agent does not answer")),
		);
		question.on("error", (error: NodeJS.ErrnoException) =>
			reject(
				["ENOENT", "ECONNREFUSED"].includes(error.code ?? "")
					? new Error(`no agent runs here (${path})`)
					: error,
			),
		);
		question.end(argument === null ? "" : JSON.stringify(argument));
	});
}
