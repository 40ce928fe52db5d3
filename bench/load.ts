/**
 * The load, a process of its own: so many connections, each asking again as soon as it was answered. Takes a plan as its
 * first argument and writes a result, both JSON.
 */
import { vpsLine } from "../test/provider-lines.ts";
import { type HttpConnection, openConnection } from "./http-connection.ts";
import { addressesIn, type Block, targetAt } from "./inventory.ts";
import { readKeys } from "./keys.ts";
import { type Summary, summarise } from "./samples.ts";
import { ticketIdAt } from "./ticket-numbers.ts";

export type Shape =
	| "v2 submit"
	| "v1 submit"
	| "v2 list"
	| "review queue"
	| "upsert"
	| "ticket-create"
	| "ticket-reply"
	| "ticket-list"
	| "ticket-read"
	| "ticket-search"
	| "v1-tickets"
	| "desk-tickets";

export interface LoadPlan {
	readonly shape: Shape;
	readonly port: number;
	readonly connections: number;
	readonly block: Block;
	/** Seconds; the load ends earlier when every address has been asked for. */
	readonly warmUpS: number;
	readonly measureS: number;
	/** A file with keys, one a line: the client's number or `staff`, space, key. */
	readonly keysPath: string;
}

export interface LoadResult extends Summary {
	/** Answers within the measured time. */
	readonly answers: number;
	/** An answer that was not the one expected, if there was any, and how many. */
	readonly refused: number;
	readonly refusal: string | null;
	/** Seconds of CPU that the load itself took. */
	readonly cpuS: number;
}

/** The same text that the pgbench scripts write. */
const reason =
	"Order confirmations and password resets of our web shop, about 300 a day.";

const expectedStatus = {
	"v2 submit": 201,
	"v1 submit": 200,
	"v2 list": 200,
	"review queue": 200,
	upsert: 200,
	"ticket-create": 201,
	"ticket-reply": 201,
	"ticket-list": 200,
	"ticket-read": 200,
	"ticket-search": 200,
	"v1-tickets": 200,
	"desk-tickets": 200,
} as const satisfies Record<Shape, number>;

/** The nth request of the plan, or undefined when there is none left. */
function requestMaker(plan: LoadPlan): (nth: number) => string | undefined {
	const { shape, block, port } = plan;
	const keys = readKeys(plan.keysPath);
	const head = (method: string, path: string, who: number | "staff") =>
		`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${keys.get(String(who))}\r\n`;
	const withBody = (start: string, body: string) =>
		`${start}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
	if (shape === "review queue")
		return () =>
			`${head("GET", "/api/desk/port25-requests?state=pending&limit=20", "staff")}\r\n`;
	if (shape === "desk-tickets")
		return () => `${head("GET", "/api/desk/tickets?limit=25", "staff")}\r\n`;
	if (shape === "upsert")
		return (nth) => {
			const { path, body } = upsertAt(block, nth);
			return withBody(head("PUT", path, "staff"), body);
		};
	if (shape === "v2 list")
		return (nth) =>
			`${head("GET", "/api/v2/support/port25-requests?limit=20", block.firstClient + (nth % block.clients))}\r\n`;
	if (shape.startsWith("ticket-") || shape === "v1-tickets")
		return (nth) => {
			const { client, method, path, body } = aboutTickets(shape, block, nth);
			const start = head(method, path, client);
			return body === undefined ? `${start}\r\n` : withBody(start, body);
		};
	const count = addressesIn(block);
	const path =
		shape === "v2 submit"
			? "/api/v2/support/port25-requests"
			: "/api/port25/requests";
	return (nth) => {
		if (nth >= count) return undefined;
		const { client, vpsId, vpsLegacyId, address } = targetAt(block, nth);
		const body = JSON.stringify(
			shape === "v2 submit"
				? { vpsId, reason, ipAddress: address }
				: {
						serviceId: String(vpsLegacyId),
						ipAddress: address,
						justification: reason,
					},
		);
		return withBody(head("POST", path, client), body);
	};
}

/** What the nth request about tickets is; neighbours belong to different clients. The texts are those of the pgbench scripts. */
function aboutTickets(
	shape: Shape,
	{ firstClient, clients, tickets }: Block,
	nth: number,
): {
	readonly client: number;
	readonly method: string;
	readonly path: string;
	readonly body?: string;
} {
	const { first = 0, each = 1 } = tickets ?? {};
	const client = firstClient + (nth % clients);
	const path = "/api/v2/support/tickets";
	const one = `${path}/${ticketIdAt(first + (nth % (clients * each)))}`;
	switch (shape) {
		case "ticket-create":
			return {
				...{ client, method: "POST", path },
				body: JSON.stringify({
					departmentSlug: "vps",
					subject: "Outbound mail is refused",
					message:
						"Since this morning we cannot send mail from our server. The log says that the connection was dropped after thirty seconds. We have restarted it twice.",
					context: {
						serviceType: "vps",
						serviceId: `vps_${String(client).padStart(26, "0")}`,
					},
				}),
			};
		case "ticket-reply":
			return {
				...{ client, method: "POST", path: `${one}/messages` },
				body: JSON.stringify({
					message:
						"It looks better now, but the error came back once last night. Here is the log.",
				}),
			};
		case "ticket-list":
			return { client, method: "GET", path: `${path}?limit=25` };
		case "ticket-search":
			return { client, method: "GET", path: `${path}?limit=25&q=faktura` };
		case "v1-tickets":
			return {
				...{ client, method: "GET" },
				path: "/api/support/tickets?limit=25",
			};
		default:
			return { client, method: "GET", path: one };
	}
}

/** The whole record of an imported server, with another name each time; neighbours belong to different clients. */
function upsertAt(
	{ firstClient, clients }: Block,
	nth: number,
): { readonly path: string; readonly body: string } {
	const client = firstClient + (nth % clients);
	const number = 2 * client + (Math.floor(nth / clients) % 2);
	const { kind, legacyId, ...rest } = vpsLine(client, number);
	return {
		path: `/api/desk/services/${kind}/${legacyId}`,
		body: JSON.stringify({
			...rest,
			name: `app-${number}-${nth}.example.com`,
			observedAt: new Date().toISOString(),
		}),
	};
}

async function run(plan: LoadPlan): Promise<LoadResult> {
	const requestAt = requestMaker(plan);
	const expected = expectedStatus[plan.shape];
	const opening = Array.from({ length: plan.connections }, () =>
		openConnection(plan.port),
	);
	const connections = await Promise.all(opening);
	const samplesMs: number[] = [];
	let next = 0;
	let refused = 0;
	let refusal: string | null = null;
	const startedAt = performance.now();
	const cpuBefore = process.cpuUsage();
	const measureFrom = startedAt + plan.warmUpS * 1000;
	const measureTo = measureFrom + plan.measureS * 1000;
	let lastAt = startedAt;

	async function askOnAndOn(connection: HttpConnection): Promise<void> {
		for (;;) {
			const sentAt = performance.now();
			if (sentAt >= measureTo) return;
			const request = requestAt(next);
			next += 1;
			if (request === undefined) return;
			const { status, body } = await connection.send(request);
			const answeredAt = performance.now();
			if (status !== expected) {
				refused += 1;
				refusal ??= `${status} ${body}`;
			}
			if (answeredAt < measureFrom || answeredAt > measureTo) continue;
			samplesMs.push(answeredAt - sentAt);
			lastAt = answeredAt;
		}
	}

	await Promise.all(connections.map(askOnAndOn));
	for (const connection of connections) connection.close();
	const cpu = process.cpuUsage(cpuBefore);
	// Out of addresses before the time: the rate is that of the time it took.
	const seconds =
		lastAt < measureTo - 100 ? (lastAt - measureFrom) / 1000 : plan.measureS;
	return {
		...summarise(samplesMs, seconds),
		answers: samplesMs.length,
		refused,
		refusal,
		cpuS: (cpu.user + cpu.system) / 1e6,
	};
}

// Written by run-load.ts; others import the types of this file only.
const plan: LoadPlan = JSON.parse(process.argv[2] ?? "");
process.stdout.write(JSON.stringify(await run(plan)));
