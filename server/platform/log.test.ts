import { execFileSync } from "node:child_process";
import fc from "fast-check";
import Fastify from "fastify";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { createLog, type LogOptions } from "./log.ts";

interface Line {
	readonly msg?: unknown;
	readonly err?: unknown;
	readonly data?: unknown;
	readonly [field: string]: unknown;
}

/** Where lines are kept instead of standard output. */
function recorder(options: Partial<LogOptions> = {}) {
	const lines: string[] = [];
	const log = createLog({
		level: "trace",
		format: "json",
		isTerminal: false,
		destination: { write: (line) => void lines.push(line) },
		...options,
	});
	const last = (): Line => JSON.parse(lines.at(-1) ?? "");
	return { log, lines, last, all: () => lines.join("") };
}

// Made up here; the checksum is not that of a real key.
const key = "pst_live_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ000000";

function databaseError(fields: Partial<pg.DatabaseError>): pg.DatabaseError {
	const error = new pg.DatabaseError(fields.message ?? "failed", 1, "error");
	return Object.assign(error, { severity: "ERROR", ...fields });
}

describe("the form", () => {
	test("a line is one JSON object with level, time and message", () => {
		const { log, lines, last } = recorder();
		log.child({ requestId: "req-00000001" }).info({ jobs: 3 }, "claimed");
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(/\}\n$/);
		expect(last()).toMatchObject({
			level: "info",
			time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
			requestId: "req-00000001",
			jobs: 3,
			msg: "claimed",
		});
	});

	test.each([
		["auto", false, true],
		["auto", true, false],
		["json", true, true],
		["pretty", false, false],
	] as const)(
		"%s with a terminal %s is JSON: %s",
		(format, isTerminal, isJson) => {
			const { log, all } = recorder({ format, isTerminal });
			log.warn({ jobs: 3 }, "slow");
			expect(all().startsWith("{")).toBe(isJson);
			expect(all()).toContain("slow");
			expect(all().toLowerCase()).toContain("warn");
		},
	);

	test("text for people is the redacted line, on one line, without colours where there is no terminal", () => {
		const { log, lines } = recorder({ format: "pretty" });
		log.info({ reason: "my private mail", used: key }, `used ${key}`);
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(
			/^\[[\d:.]+\] INFO: used pst_…\[redacted\] \{"reason":"\[redacted\]","used":"pst_…\[redacted\]"\}\n$/,
		);
	});

	test("text for people shows the stack of an error", () => {
		const { log, all } = recorder({ format: "pretty" });
		log.error({ err: new Error("broken") }, "failed");
		expect(all()).toMatch(/ERROR: failed.*broken.*log\.test\.ts/s);
	});

	test("silent writes nothing", () => {
		const { log, lines } = recorder({ level: "silent" });
		log.fatal("x");
		expect(lines).toEqual([]);
	});

	test.each(["json", "pretty"])(
		"the last %s line before an exit is written",
		(format) => {
			const module = JSON.stringify(new URL("./log.ts", import.meta.url).href);
			const program = `
			import { createLog } from ${module};
			const log = createLog({ level: "info", format: "${format}", isTerminal: false });
			for (let i = 1; i <= 2000; i++) log.info("line " + i + " of 2000");
			process.exit(0);`;
			const output = execFileSync(
				process.execPath,
				["--input-type=module", "-e", program],
				{
					encoding: "utf8",
				},
			);
			expect(output.trimEnd().split("\n")).toHaveLength(2000);
			expect(output).toContain("line 2000 of 2000");
		},
	);
});

describe("keys", () => {
	test("do not come out, wherever they hide", () => {
		const { log, lines, all } = recorder();
		log.info(`a key ${key} in a message`);
		log.info("interpolated %s and %j", key, { used: key });
		log.info({ a: { b: { c: { d: [key, { [key]: 1 }] } } } }, "nested");
		log.info(
			{ err: new Error(`wrong ${key}`, { cause: new Error(key) }) },
			"cause",
		);
		log.error(new Error(`first ${key}`));
		log.error({ err: new AggregateError([new Error(key)], key) });
		log.error({ problem: new Error(key), list: [new Error(key)] });
		log.child({ with: key }).info("child");
		log.info({
			req: { method: "GET", url: `/v2/${key}?key=${key}`, id: key, ip: key },
		});
		log.info({
			path: `/x/pst%5Flive%5F${key.slice(9)}`,
			other: `PST_TEST_${key.slice(9)}`,
		});
		log.info({ text: JSON.stringify({ key }) });
		log.info({ half: key.slice(0, 20) });
		log.info(`${key}${key}`);
		expect(lines).toHaveLength(13);
		expect(all()).not.toContain("zQWBuTSO");
		expect(all().match(/pst_…\[redacted\]/g)?.length).toBeGreaterThan(12);
		for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
	});

	test("a line break before a key stays one", () => {
		const { log, last } = recorder();
		log.info(`\n${key}\n`);
		expect(last().msg).toBe("\npst_…[redacted]\n");
	});
});

test("whatever is logged, the line is one JSON object without the key", () => {
	const { log, lines } = recorder();
	// Texts that come near to what redaction looks for: escapes, quotes, addresses, names of fields.
	const piece = fc.constantFrom(
		...[
			key,
			"a@b.example",
			"%40",
			"@",
			"://",
			"\\",
			'"',
			'"reason":',
			"\n",
			"\u0000",
		],
	);
	const text = fc
		.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 4 })))
		.map((pieces) => pieces.join(""));
	const value = fc.letrec((tie) => ({
		value: fc.oneof(
			text,
			fc.double(),
			fc.constant(null),
			tie("list"),
			tie("object"),
		),
		list: fc.array(tie("value"), { maxLength: 3 }),
		object: fc.dictionary(fc.oneof(text, fc.constant("reason")), tie("value"), {
			maxKeys: 3,
		}),
	})).value;
	fc.assert(
		fc.property(text, value, text, (msg, data, thrown) => {
			lines.length = 0;
			log.child({ data }).error({ data, err: new Error(thrown) }, msg);
			expect(lines).toHaveLength(1);
			expect(lines[0]).not.toContain("zQWBuTSO");
			expect(lines[0]?.indexOf("\n")).toBe((lines[0]?.length ?? 0) - 1);
			expect(() => JSON.parse(lines[0] ?? "")).not.toThrow();
		}),
	);
});

describe("persons and their texts", () => {
	const words = "please open, my grandmother writes to me";

	test.each([
		"reason",
		"decisionReason",
		"decision_reason",
		"justification",
		"note",
		"message",
		"subject",
		"body",
		"name",
		"displayName",
		"first_name",
		"email",
		"ccEmails",
		"personalNumber",
		"authorization",
		"Authorization",
		"x-api-key",
		"X-API-Key",
		"cookie",
		"set-cookie",
		"password",
		"databaseUrl",
		"detail",
		"parameters",
	])("the field %s is empty of its value at any depth", (field) => {
		const { log, all, last } = recorder();
		log.info({ [field]: words });
		expect(last()[field]).toBe("[redacted]");
		log.info({ input: { list: [{ [field]: [words] }] } });
		log.child({ [field]: words }).info({ headers: { [field]: words } });
		log.info({
			err: Object.assign(new Error("x"), { [field]: words }, { message: "x" }),
		});
		expect(all()).not.toContain("grandmother");
	});

	test("an error may have a message, anything under its name may not pretend to be one", () => {
		const { log, last } = recorder();
		log.error({
			err: new Error("no route to host"),
			data: { err: { message: words } },
		});
		expect(last().err).toMatchObject({ message: "no route to host" });
		expect(last().data).toEqual({ err: { message: "[redacted]" } });
		log.error({ err: { message: words } });
		expect(last().err).toEqual({
			type: "object",
			message: "something that is no error",
		});
	});

	test("fields whose names only resemble a private one keep their value", () => {
		const { log, last } = recorder();
		const fields = {
			hostname: "api-1",
			nameCount: 3,
			reasonMin: 10,
			context: "c",
			verb: "request-port25",
		};
		log.info(fields);
		expect(last()).toMatchObject(fields);
	});

	test.each([
		["mail to ann.lee+x@mail.example.com failed", "mail to [address] failed"],
		["first line\nann@example.com", "first line\n[address]"],
		["/clients/ann%40example.com", "/clients/[address]"],
		["åsa@exämple.se", "[address]"],
		[
			"postgres://postern:p@ss!word@db.example.com/x",
			"postgres://[redacted]@db.example.com/x",
		],
		[
			"at file:///srv/node_modules/@fastify/helmet",
			"at file:///srv/node_modules/@fastify/helmet",
		],
		["pg@8.23.1 \\n \u001b \ud800 @", "pg@8.23.1 \\n \u001b \ud800 @"],
	])("%j is written as %j", (text, written) => {
		const { log, last } = recorder();
		log.info(text);
		expect(last().msg).toBe(written);
	});

	test("a long line is redacted in linear time", () => {
		const { log, lines } = recorder();
		const started = performance.now();
		log.info(
			`${"a".repeat(200_000)} @ ${"a@b.".repeat(50_000)} "${"://".repeat(50_000)}`,
		);
		expect(performance.now() - started).toBeLessThan(10_000);
		expect(lines).toHaveLength(1);
	});
});

describe("errors", () => {
	test("have type, message and stack, and so has each cause", () => {
		const { log, last } = recorder();
		log.error(new TypeError("outer", { cause: new RangeError("inner") }));
		expect(last()).toMatchObject({
			msg: "outer",
			err: {
				type: "TypeError",
				message: "outer",
				stack: expect.stringContaining("log.test.ts"),
				cause: { type: "RangeError", message: "inner" },
			},
		});
	});

	test("of PostgreSQL name table and constraint but hold nothing of a row", () => {
		const { log, last, all } = recorder();
		const err = databaseError({
			message: 'duplicate key value violates unique constraint "clients_email"',
			code: "23505",
			detail: "Key (email)=(grandmother) already exists.",
			where: "grandmother",
			table: "clients",
			constraint: "clients_email",
		});
		Object.assign(err, { parameters: ["grandmother"], query: "grandmother" });
		log.error({ err }, "failed");
		log.error({ failure: err, list: [err] }, "failed");
		expect(all()).not.toContain("grandmother");
		log.error(err);
		expect(last().err).toMatchObject({
			type: "DatabaseError",
			code: "23505",
			table: "clients",
			constraint: "clients_email",
		});
	});

	test("do not quote what a caller sent: data exceptions and malformed JSON", () => {
		const { log, last, all } = recorder();
		const message = 'invalid input syntax for type inet: "my "grand\nmother""';
		const err = databaseError({ message, code: "22P02" });
		err.stack = `error: ${message}\n    at somewhere`;
		log.error(err);
		expect(last().msg).toBe('invalid input syntax for type inet: "…"');
		log.error({ err }, message);
		expect(last().msg).toBe('invalid input syntax for type inet: "…"');
		for (const text of [
			"grandmother",
			'{"reason":"grandmother" x}',
			'["grandmother"',
		]) {
			try {
				JSON.parse(text);
			} catch (error) {
				log.error(error);
				log.warn({ err: error, file: 1 });
			}
		}
		expect(all()).not.toMatch(/grand/);
	});

	test("an error that is its own cause is written once and a little more", () => {
		const { log, lines } = recorder();
		const err = new Error("round");
		err.cause = err;
		log.error(err);
		expect(lines[0]?.match(/"message":"round"/g)).toHaveLength(4);
	});
});

test("a request under Fastify shows method, path, id and peer, and nothing of query, headers and body", async () => {
	const { log, lines, all } = recorder();
	const app = Fastify({ loggerInstance: log });
	app.post("/clients/:id", (request) => {
		request.log.info({ headers: request.headers, body: request.body }, "got");
		throw new Error("inside");
	});
	const answer = await app.inject({
		method: "POST",
		url: "/clients/7?email=grandmother",
		headers: { authorization: "Bearer grandmother", cookie: "a=grandmother" },
		payload: { reason: "grandmother" },
	});
	await app.close();
	expect(answer.statusCode).toBe(500);
	expect(all()).not.toContain("grandmother");
	const incoming = lines
		.map((line) => JSON.parse(line))
		.find((line) => line.msg === "incoming request");
	expect(incoming).toMatchObject({
		req: {
			method: "POST",
			path: "/clients/7",
			requestId: "req-1",
			peer: "127.0.0.1",
		},
	});
	expect(Object.keys(incoming.req)).toEqual([
		"method",
		"path",
		"requestId",
		"peer",
	]);
	expect(all()).toContain('"res":{"statusCode":500}');
});
