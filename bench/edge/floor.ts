/**
 * The floor: the least that can be done. A bare Node server that gives the same bytes to everybody who asks for the snapshot,
 * and writes what it is sent to all open streams, without a database, keys, limits or a cursor. Run as a process of its own:
 * `node bench/edge/floor.ts SNAPSHOT-FILE`.
 */
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";

const [, , snapshotPath = ""] = process.argv;
const snapshot = readFileSync(snapshotPath);
const streams = new Set<ServerResponse>();
let revision = 0;

const server = createServer((request, response) => {
	if (request.url === "/api/edge/snapshot") {
		response.setHeader("content-encoding", "gzip");
		response.setHeader("etag", '"bench:floor:0"');
		response.end(snapshot);
	} else if (request.url?.startsWith("/api/edge/changes")) {
		response.setHeader("content-type", "text/event-stream");
		response.write("event: heartbeat\ndata: {}\n\n");
		streams.add(response);
		response.once("close", () => streams.delete(response));
	} else {
		request.resume().once("end", () => {
			if (request.url === "/send") {
				revision += 1;
				const data = JSON.stringify({
					...{ epoch: "floor", prev: revision - 1, rev: revision, n: 0 },
					...{ sum: "0".repeat(32), del: ["198.16.0.1"], add: [] },
					at: "2026-11-20T10:00:00.000Z",
				});
				const event = `id: floor:${revision}\nevent: change\ndata: ${data}\n\n`;
				for (const stream of streams) stream.write(event);
			}
			response.end("{}");
		});
	}
});
server.listen(0, "127.0.0.1", () => {
	const address = server.address();
	const port = typeof address === "object" ? address?.port : undefined;
	process.stdout.write(`${port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
