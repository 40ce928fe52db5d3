/** Encrypted messages where several processes share a database elsewhere, and the operator makes the keys. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { addCustomer, type Customer } from "./customers.ts";
import { startExternalPostgres } from "./external-postgres.ts";
import { type Database, openDatabase } from "./open-database.ts";
import {
	type Environment,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();
const keysFile = join(processes.folder, "seal.keys");

let without: Environment;
let database: Database;
let customer: Customer;

beforeAll(async () => {
	const postgres = await startExternalPostgres(processes);
	const external = await postgres.newDatabase();
	without = {
		DATABASE_URL: external.url,
		POSTERN_DATA_DIR: join(processes.folder, "none"),
	};
	expect((await processes.run(["migrate"], without)).code).toBe(0);
	const { admin } = external;
	database = await openDatabase({ owner: admin, app: admin });
	processes.atEnd(() => database.close());
	customer = await addCustomer(database, {
		...{ number: 1, standing: "prepaid", vps: 0, keys: 1 },
	});
}, 120_000);

async function ask(
	{ url }: Server,
	method: "GET" | "POST",
	path: string,
	body?: object,
): Promise<{ status: number; body: object }> {
	const response = await fetch(`${url}/api/v2/support/tickets${path}`, {
		method,
		headers: {
			authorization: `Bearer ${customer.keys[0]}`,
			"content-type": "application/json",
		},
		...(body !== undefined && { body: JSON.stringify(body) }),
	});
	const answer: unknown = await response.json();
	return { status: response.status, body: Object(answer) };
}

async function open(server: Server): Promise<string> {
	const ticket = { departmentSlug: "vps", subject: "Access", message: "Hello" };
	const { body } = await ask(server, "POST", "", ticket);
	return String(Reflect.get(body, "id"));
}

const seal = (server: Server, id: string, message: string) =>
	ask(server, "POST", `/${id}/messages`, { message, encrypted: true });

async function messages(): Promise<number> {
	const { rows } = await database.owner.query(
		"select count(*)::int as messages from ticket_messages",
	);
	return rows[0].messages;
}

describe("with a DATABASE_URL", () => {
	test("and no key file, an encrypted reply is refused and nothing of it is stored", async () => {
		const server = await processes.serve(without);
		try {
			const id = await open(server);
			expect(await seal(server, id, "secret")).toMatchObject({
				status: 409,
				body: { code: "sealing_unavailable", title: "Sealing unavailable" },
			});
			expect(await messages()).toBe(0);
			const reply = { message: "in clear", encrypted: false };
			const sent = await ask(server, "POST", `/${id}/messages`, reply);
			expect(sent.status).toBe(201);
			const { code, stderr } = await processes.run(["seal", "rotate"], without);
			expect([code, stderr]).toEqual([
				1,
				"postern: No file for the seal keys is configured. Set POSTERN_SEAL_KEYS_FILE to the path where they shall be.\n",
			]);
		} finally {
			await server.stop();
		}
	});

	test("processes make no keys, find those that the operator made, and read what each other sealed", async () => {
		const env = { ...without, POSTERN_SEAL_KEYS_FILE: keysFile };
		const [one, other] = await Promise.all([
			processes.serve(env),
			processes.serve(env),
		]);
		const id = await open(one);
		expect((await seal(one, id, "too early")).status).toBe(409);
		await one.says(/There is no seal key for \d{4}-\d\d in/);
		expect((await processes.run(["doctor"], env)).stdout).toMatch(
			/^FAIL {2}seals +there are no seal keys at .* Run: postern seal rotate$/m,
		);
		const made = await processes.run(["seal", "rotate", "--ahead", "1"], env);
		expect(made).toMatchObject({ code: 0, stderr: "" });
		expect(made.stdout).toMatch(/and give every host this file\.\n$/);

		const texts = ["from one", "from the other"];
		expect((await seal(one, id, "from one")).status).toBe(201);
		expect((await seal(other, id, "from the other")).status).toBe(201);
		for (const server of [one, other]) {
			const { body } = await ask(server, "GET", `/${id}`);
			expect(body).toMatchObject({
				messages: texts.map((text) => ({ body: text, encrypted: true })),
			});
		}
		// A process that starts without the file reads the rest.
		await rm(keysFile);
		const late = await processes.serve(env);
		const { body } = await ask(late, "GET", `/${id}`);
		expect(body).toMatchObject({
			messages: texts.map(() => ({ body: null, encrypted: true })),
		});
		await Promise.all([one, other, late].map((server) => server.stop()));
	}, 120_000);
});
