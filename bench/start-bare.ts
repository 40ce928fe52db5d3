/** Starts bare-server.ts beside the server that is measured. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { SocketTarget } from "../server/platform/embedded/credentials.ts";

export interface BareServer {
	readonly port: number;
	readonly pid: number;
	stop(): Promise<void>;
}

/** Resolves when it listens. */
export async function startBare(
	database: SocketTarget,
	keysPath: string,
): Promise<BareServer> {
	const child = spawn(
		process.execPath,
		[
			join(import.meta.dirname, "bare-server.ts"),
			JSON.stringify({ database, keysPath }),
		],
		{ stdio: ["ignore", "pipe", "inherit"] },
	);
	const ended = new Promise<void>((resolve) =>
		child.once("exit", () => resolve()),
	);
	const heard = new Promise<number>((resolve) =>
		child.stdout.once("data", (text: Buffer) => resolve(Number(text))),
	);
	const port = await Promise.race([heard, ended]);
	if (port === undefined) throw new Error("the bare server did not start");
	return {
		port,
		pid: child.pid ?? 0,
		async stop() {
			child.kill("SIGTERM");
			await ended;
		},
	};
}
