/** What only a real connection shows: bytes that are no HTTP, bodies that do not end, connections that stay. */
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { useThings } from "../../test/things.ts";

const db = useDatabase();
const server = useThings(db);
let port = 0;

beforeAll(async () => {
	const url = await server.app.listen({ host: "127.0.0.1", port: 0 });
	port = Number(new URL(url).port);
});

const open: Socket[] = [];

afterAll(() => {
	for (const socket of open) socket.destroy();
});

interface Exchange {
	readonly status: number;
	readonly headers: string;
	readonly body: string;
}

/** Sends bytes and reads the first answer whole. */
function exchange(...parts: readonly (string | Buffer)[]): Promise<Exchange> {
	const socket = connect(port, "127.0.0.1");
	open.push(socket);
	for (const part of parts) socket.write(part);
	let received = "";
	return new Promise((resolve, reject) => {
		const look = () => {
			const [headers = "", ...rest] = received.split("\r\n\r\n");
			const length = /content-length: (\d+)/i.exec(headers)?.[1];
			const body = rest.join("\r\n\r\n");
			if (length === undefined || Buffer.byteLength(body) < Number(length))
				return false;
			const status = Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1]);
			resolve({ status, headers, body: body.slice(0, Number(length)) });
			return true;
		};
		socket.on("data", (data) => {
			received += data.toString();
			look();
		});
		socket.on("close", () => {
			if (!look()) reject(new Error(`closed after: ${received}`));
		});
		socket.on("error", reject);
	});
}

/** Sends bytes and reads until the server ends the connection. */
async function untilClosed(...parts: readonly string[]): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	open.push(socket);
	for (const part of parts) socket.write(part);
	let received = "";
	for await (const data of socket) received += String(data);
	return received;
}

function head(method: string, path: string, ...lines: readonly string[]) {
	return [
		`${method} ${path} HTTP/1.1`,
		"Host: cloud.example.com",
		...lines,
		"",
		"",
	].join("\r\n");
}

function expectProblem({ headers, body }: Exchange, status: number) {
	const problem = JSON.parse(body);
	expect(headers).toMatch(/content-type: application\/problem\+json/i);
	expect(headers.toLowerCase()).toContain(`x-request-id: ${problem.requestId}`);
	expect(problem).toEqual({
		type: `https://cloud.example.com/docs/errors/${problem.code}`,
		title: expect.any(String),
		status,
		detail: expect.any(String),
		code: expect.any(String),
		instance: expect.stringMatching(/^\//),
		requestId: expect.stringMatching(/^req_[0-9a-z]{26}$/),
		timestamp: testNow.toISOString(),
	});
	return problem;
}

describe("bytes that are no HTTP", () => {
	const things = "/api/v2/things";

	test.each([
		["noise", "\x16\x03\x01\x02\x00\r\n\r\n"],
		["a bad method", "FETCH /api/v2/things HTTP/1.1\r\n\r\n"],
		["a bad header", head("GET", things, "bad header: x")],
		[
			"two lengths that differ",
			head("POST", things, "Content-Length: 2", "Content-Length: 3"),
		],
		[
			"a length and chunks",
			head("POST", things, "Content-Length: 2", "Transfer-Encoding: chunked"),
		],
		["a bad length", head("POST", things, "Content-Length: two")],
		["HTTP/3.7", "GET /api/v2/things HTTP/3.7\r\n\r\n"],
	])("%s: 400 as a problem, and the connection ends", async (_, bytes) => {
		const answer = await exchange(bytes);
		expect(answer.status).toBe(400);
		expectProblem(answer, 400);
		expect(answer.headers).toMatch(/connection: close/i);
	});

	test("keep the shape of the face whose path got through", async () => {
		const answer = await exchange(
			head("GET", "/api/port25/requests?x=1", "bad header: x"),
		);
		expect(answer.status).toBe(400);
		expect(JSON.parse(answer.body)).toMatchObject({
			code: "BAD_REQUEST",
			requestId: expect.stringMatching(/^[0-9a-f]{8}-/),
		});
		const next = await exchange(
			head("GET", "/api/v2/things?x=1", "bad header: x"),
		);
		expect(expectProblem(next, 400).instance).toBe("/api/v2/things");
	});

	test("headers over 16 KiB are 431", async () => {
		const answer = await exchange(
			head("GET", things, `X-Long: ${"x".repeat(17 * 1024)}`),
		);
		expect(answer.status).toBe(431);
		expect(expectProblem(answer, 431).code).toBe("headers_too_large");
	});
});

describe("requests that are odd but HTTP", () => {
	test("without Host: 400", async () => {
		const answer = await exchange("GET /api/v2/things HTTP/1.1\r\n\r\n");
		expect(answer.status).toBe(400);
		expect(expectProblem(answer, 400).detail).toContain("Host");
	});

	test.each(["/%zz", "/api/v2/things/%zz", "/api/v2/things/%e0%a4%a"])(
		"%s: 400",
		async (path) => {
			const answer = await exchange(head("GET", path));
			expectProblem(answer, 400);
		},
	);

	test.each(["TRACE", "PROPFIND", "LINK"])(
		"%s on a known path: 405",
		async (method) => {
			const answer = await exchange(head(method, "/api/v2/things/t1"));
			expectProblem(answer, 405);
			expect(answer.headers).toMatch(/allow: GET, HEAD/i);
		},
	);

	test("the form that goes to proxies is read as the path in it", async () => {
		const answer = await exchange(
			head("GET", "http://cloud.example.com/api/v2/nothing?x"),
		);
		expect(expectProblem(answer, 404).instance).toBe("/api/v2/nothing");
	});

	test("an expectation nobody knows is no reason to refuse", async () => {
		const answer = await exchange(
			head("GET", "/api/v2/nothing", "Expect: 200-maybe"),
		);
		expectProblem(answer, 404);
	});
});

describe("bodies", () => {
	const lines = () => [
		`Authorization: Bearer ${server.key}`,
		"Content-Type: application/json",
	];

	test("over 1 MiB: the answer arrives although the body was not read", async () => {
		const size = 8 * 1024 * 1024;
		const answer = await exchange(
			head("POST", "/api/v2/things", ...lines(), `Content-Length: ${size}`),
			Buffer.alloc(size, 0x20),
		);
		expectProblem(answer, 413);
	});

	test("over 1 MiB in chunks, without a length to say so", async () => {
		const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
		const answer = await exchange(
			head("POST", "/api/v2/things", ...lines(), "Transfer-Encoding: chunked"),
			...Array.from({ length: 17 }, () => chunk),
			"0\r\n\r\n",
		);
		expectProblem(answer, 413);
	});

	test("a broken chunk: 400", async () => {
		const answer = await exchange(
			head("POST", "/api/v2/things", ...lines(), "Transfer-Encoding: chunked"),
			"zz\r\n{}\r\n0\r\n\r\n",
		);
		expectProblem(answer, 400);
	});

	test("that nobody may send do not keep the 401 away", async () => {
		const size = 4 * 1024 * 1024;
		const answer = await exchange(
			head("POST", "/api/v2/things", `Content-Length: ${size}`),
			Buffer.alloc(size, 0x20),
		);
		expectProblem(answer, 401);
	});

	test("the connection goes on after a refusal", async () => {
		const bad = `${head("POST", "/api/v2/things", ...lines(), "Content-Length: 1")}{`;
		const first = await exchange(bad);
		expectProblem(first, 400);
		expect(first.headers).not.toMatch(/connection: close/i);
		const second = head("GET", "/api/v2/nothing", "Connection: close");
		const both = await untilClosed(bad, second);
		expect(both.match(/^HTTP\/1\.1 (\d+)/gm)).toEqual([
			"HTTP/1.1 400",
			"HTTP/1.1 404",
		]);
	});

	test("the connection ends after a refusal for who wants it to", async () => {
		const answer = await untilClosed(
			head("POST", "/api/v2/things", ...lines(), "Connection: close"),
		);
		expect(answer).toMatch(/^HTTP\/1\.1 400/);
	});
});
