/**
 * What the server is compared with where it only reads: Fastify and pg and nothing else. It asks what our routes ask, by the
 * statements of our stores, and answers with the rows as they come: no sign-in, no limits, no schemas, no log.
 *
 * A process of its own, started by start-bare.ts with where the database is and where the keys are; writes its port.
 */
import { type FastifyRequest, fastify } from "fastify";
import pg from "pg";
import { listTicketsOf } from "../server/domain/tickets/ticket-list-store.ts";
import { findTicket } from "../server/domain/tickets/ticket-store.ts";
import type { Sql, Statement } from "../server/platform/sql.ts";
import { statementOf } from "../test/plans.ts";
import { clientIdAt } from "./inventory.ts";
import { readKeys } from "./keys.ts";

interface BareOrder {
	readonly database: pg.PoolConfig;
	/** Whose tickets are asked for is told by the key of the request, as to the server. */
	readonly keysPath: string;
}

const { database, keysPath }: BareOrder = JSON.parse(process.argv[2] ?? "");
// As many connections as the server has by default.
const pool = new pg.Pool({ ...database, max: 10 });
const clients = new Map(
	[...readKeys(keysPath)].map(([who, key]) => [
		`Bearer ${key}`,
		clientIdAt(Number(who)),
	]),
);

/** Stand in a statement for what differs from request to request. */
const blank = { client: "client_blank", ticket: "tkt_blank" };

/** The statement that a store sends, asked again and again with other values. */
async function asked(name: string, send: (db: Sql) => Promise<unknown>) {
	const { text, values }: Statement = await statementOf(send);
	return async (request: FastifyRequest, ticket?: string) => {
		const client = clients.get(request.headers.authorization ?? "");
		const { rows } = await pool.query({
			...{ name, text },
			values: values.map((value) =>
				value === blank.client
					? client
					: value === blank.ticket
						? ticket
						: value,
			),
		});
		return rows;
	};
}

const read = await asked("read", (db) =>
	findTicket(db, blank.client, { id: blank.ticket }),
);
const list = await asked("list", (db) =>
	listTicketsOf(db, blank.client, { limit: 26 }),
);

const app = fastify();
app.get("/api/v2/support/tickets", async (request) => ({
	data: await list(request),
}));
app.get<{ Params: { id: string } }>(
	"/api/v2/support/tickets/:id",
	async (request, reply) => {
		const [ticket] = await read(request, request.params.id);
		return ticket ?? reply.code(404).send({});
	},
);
const address = await app.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(new URL(address).port);
