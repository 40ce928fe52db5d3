/** Ends a server as a power cut does. */
import { existsSync, readFileSync } from "node:fs";
import { postgresPid, type Server } from "./postern-process.ts";

/**
 * What kills the server at once when it is called, and with it, if wanted, its PostgreSQL with all its processes, so that
 * what was in memory is lost.
 */
export async function killerOf(
	server: Server,
	withDatabase: boolean,
): Promise<() => void> {
	const postgres = await postgresPid(server.dataDir);
	return () => {
		const all = withDatabase ? [postgres, ...childrenOf(postgres)] : [];
		for (const pid of [...all, server.pid]) process.kill(pid, "SIGKILL");
	};
}

function childrenOf(pid: number): number[] {
	const path = `/proc/${pid}/task/${pid}/children`;
	if (!existsSync(path)) return [];
	return readFileSync(path, "utf8").trim().split(" ").map(Number);
}
