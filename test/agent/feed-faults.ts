/** Every lie that a feed can tell, and how it is told. */
import type { ServerResponse } from "node:http";
import type { Change } from "../../contract/edge-protocol.ts";
import { snapshotOf } from "./elements.ts";

/** How one snapshot is answered instead of truthfully. */
export type SnapshotFault =
	| "html"
	| "redirect"
	| "garbage"
	| "truncated"
	| "lying sum"
	| "lying digest"
	| "lying number"
	| "not canonical"
	| "out of order"
	| "another site"
	| "too many"
	| "endless"
	| "slow"
	| "error"
	| "cut";

/** How one change is told instead of truthfully. */
export type ChangeFault =
	| "dropped"
	| "repeated"
	| "late"
	| "garbage"
	| "lying sum"
	| "lying number"
	| "not canonical"
	| "wrong order"
	| "cut";

/** How a stream begins instead of as it should. */
export type StreamFault = "html" | "redirect" | "error" | "silent" | "endless";

export function eventOf(event: string, data: unknown): string {
	return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A change told wrongly. */
export function wrongEvent(
	change: Change,
	fault: Exclude<ChangeFault, "dropped" | "repeated" | "late" | "cut">,
): string {
	switch (fault) {
		case "garbage":
			return 'event: change\ndata: {"epoch":"e\n\n';
		case "lying sum":
			return eventOf("change", { ...change, sum: "f".repeat(32) });
		case "lying number":
			return eventOf("change", { ...change, n: change.n + 1 });
		case "not canonical":
			return eventOf("change", {
				...change,
				add: [...change.add, "10.0.0.1/8", "0.0.0.0/0"],
			});
		case "wrong order":
			return eventOf("change", { ...change, prev: change.rev + 3 });
	}
}

/** What the server would say. */
interface Truth {
	readonly elements: readonly string[];
	readonly rev: number;
	readonly epoch: string;
}

/** Reads as a set that opens what nobody has approved, were it believed. */
const bait = ["10.66.6.1", "10.66.6.2"];

/** A snapshot with something wrong in it, or undefined when the fault is not one of its contents. */
function wrongSnapshot(
	fault: SnapshotFault | StreamFault,
	server: Truth,
): object | undefined {
	const baited = snapshotOf(
		[...server.elements, ...bait],
		server.rev + 1,
		server.epoch,
	);
	switch (fault) {
		case "lying sum":
			return { ...baited, sum: "0".repeat(32) };
		case "lying digest":
			return { ...baited, digest: "0".repeat(64) };
		case "lying number":
			return { ...baited, n: baited.n + 1 };
		case "not canonical":
			return { ...baited, v4: [...baited.v4, "::ffff:10.66.6.3"] };
		case "out of order":
			return { ...baited, v4: baited.v4.toReversed() };
		case "another site":
			return { ...baited, site: "elsewhere" };
		case "too many":
			return { ...baited, n: 3_000_000 };
		default:
			return undefined;
	}
}

const json = { "content-type": "application/json" };

/** Answers a request for a snapshot or a stream with this fault. */
export function answerWrongly(
	answer: ServerResponse,
	fault: SnapshotFault | StreamFault,
	server: Truth,
): void {
	const document = wrongSnapshot(fault, server);
	if (document !== undefined) {
		answer.writeHead(200, json).end(JSON.stringify(document));
		return;
	}
	switch (fault) {
		case "html":
			answer.writeHead(200, { "content-type": "text/html" });
			answer.end("<html><body>Please log in</body></html>");
			return;
		case "redirect":
			answer.writeHead(302, { location: "http://127.0.0.1:9/" }).end();
			return;
		case "error":
			answer.writeHead(503).end();
			return;
		case "garbage":
			answer.writeHead(200, json).end("\u0000\u0001{{{");
			return;
		case "truncated":
			answer.writeHead(200, json).end('{"site":"home","v4":["10.66.6.1"');
			return;
		case "cut":
			answer.writeHead(200, { ...json, "content-length": "100000" });
			answer.write('{"site":"home","v4":["10.66.6.1"');
			setTimeout(() => answer.destroy(), 5);
			return;
		default:
			answerWithoutEnd(answer, fault);
	}
}

/** Space after space, which JSON may have as much of as it likes. */
function answerWithoutEnd(answer: ServerResponse, fault: string): void {
	answer.writeHead(200, json);
	const piece = fault === "slow" ? " " : " ".repeat(1_000_000);
	answer.write("{");
	const timer = setInterval(() => answer.write(piece), 2);
	answer.on("close", () => clearInterval(timer));
}
