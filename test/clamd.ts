/** Scanners for tests: the real clamd where it is installed, and a server that speaks its protocol and misbehaves on demand. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import type { ClamdAddress } from "../server/outside/clamd.ts";

/** The test string that every scanner knows (eicar.org), in two halves so that this file itself is not taken for it. */
export const eicar = Buffer.from(
	[
		"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD",
		"-ANTIVIRUS-TEST-FILE!$H+H*",
	].join(""),
);

const program = "/usr/sbin/clamd";

/** Why the tests with the real clamd cannot run here; undefined when they can. */
export const whyNoClamd = existsSync(program)
	? undefined
	: `${program} is not installed`;

/** The real clamd with one signature, for a test file; its unix socket. */
export function useRealClamd(): () => ClamdAddress {
	const folder = mkdtempSync(join(tmpdir(), "postern-clamd-"));
	const path = join(folder, "clamd.sock");
	let daemon: ChildProcess | undefined;
	beforeAll(async () => {
		mkdirSync(join(folder, "db"));
		writeFileSync(
			join(folder, "db", "eicar.ndb"),
			`Eicar-Test-Signature:0:*:${eicar.toString("hex")}\n`,
		);
		writeFileSync(
			join(folder, "clamd.conf"),
			`Foreground yes\nDatabaseDirectory ${folder}/db\nTemporaryDirectory ${folder}\nLocalSocket ${path}\n`,
		);
		daemon = spawn(program, [`--config-file=${folder}/clamd.conf`], {
			stdio: "ignore",
		});
		await vi.waitUntil(() => existsSync(path), { timeout: 30_000 });
	});
	afterAll(async () => {
		if (daemon !== undefined && daemon.exitCode === null) {
			daemon.kill("SIGKILL");
			await once(daemon, "exit");
		}
		rmSync(folder, { recursive: true });
	});
	return () => ({ path });
}

/** What a scanner does with a connection; undefined where it goes on reading and says nothing. */
export interface FakeScanner {
	readonly address: ClamdAddress;
	/** What it says to a file that it has heard to the end. Set it to change it. */
	answer: string;
	/** How it treats what comes; set it to change it. */
	manner: "reads" | "cuts at once" | "cuts in the middle" | "reads nothing";
	/** Bytes of the files that it heard to the end. */
	readonly heard: Buffer[];
	close(): Promise<void>;
}

/** Listens on loopback. `close` ends it, and `startFakeScanner(port)` starts it again in the same place. */
export async function startFakeScanner(at = 0): Promise<FakeScanner> {
	const sockets = new Set<Socket>();
	const heard: Buffer[] = [];
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket)).on("error", () => {});
		if (scanner.manner === "cuts at once") socket.destroy();
		if (scanner.manner === "reads nothing") socket.pause();
		else socket.on("data", listen(socket, scanner));
	});
	server.listen(at, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const scanner: FakeScanner = {
		address: { host: "127.0.0.1", port },
		answer: "stream: OK\0",
		manner: "reads",
		heard,
		async close() {
			for (const socket of sockets) socket.destroy();
			if (!server.listening) return;
			server.close();
			await once(server, "close");
		},
	};
	return scanner;
}

/** Speaks INSTREAM and VERSION. */
function listen(socket: Socket, scanner: FakeScanner) {
	let text = Buffer.alloc(0);
	return (piece: Buffer) => {
		text = Buffer.concat([text, piece]);
		if (text.includes("zVERSION\0")) socket.end("ClamAV 0.0.0\0");
		const command = "zINSTREAM\0";
		if (text.length <= command.length) return;
		if (scanner.manner === "cuts in the middle") {
			socket.destroy();
			return;
		}
		const parts: Buffer[] = [];
		for (let at = command.length; at + 4 <= text.length; ) {
			const length = text.readUInt32BE(at);
			if (length === 0) {
				scanner.heard.push(Buffer.concat(parts));
				socket.end(scanner.answer);
				return;
			}
			parts.push(text.subarray(at + 4, at + 4 + length));
			at += 4 + length;
		}
	};
}
