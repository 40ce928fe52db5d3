/**
 * Before any route: what is asked of paths and methods that there are not, in unreadable URLs, and by HEAD and OPTIONS,
 * on every face, with every path that it has.
 */
import { describe, expect, test } from "vitest";
import type { FaceName } from "../server/http/face.ts";
import { faces } from "../server/http/faces.ts";
import { type Answer, inject } from "./answers.ts";
import { expectRefusal } from "./refusal-shape.ts";
import { faceOf } from "./scenario.ts";
import { useStage } from "./stage.ts";

const stage = useStage();

type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
const methods: readonly Method[] = [
	"GET",
	"HEAD",
	"POST",
	"PUT",
	"PATCH",
	"DELETE",
	"OPTIONS",
];

const routes = faces.flatMap((face) => face.routes);
const paths = [...Map.groupBy(routes, ({ path }) => path)].map(
	([path, own]) => {
		const given = own.map(({ method }) => method);
		const allowed: Method[] = given.includes("GET")
			? ["HEAD", ...given]
			: [...given];
		return { path, allowed: allowed.toSorted((a, b) => a.localeCompare(b)) };
	},
);

function ask(method: Method, url: string, key?: string): Promise<Answer> {
	return inject(stage.app, {
		method,
		url,
		...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
	});
}

/** A refusal of the whole shape that the face of the path has, without a statement and with nothing written. */
async function expectFree(
	send: () => Promise<Answer>,
	row: { path: string; status: number; v2: string; v1: string | null },
): Promise<Answer> {
	stage.takeStatements();
	const before = await stage.snapshot();
	const answer = await send();
	expect(answer.status).toBe(row.status);
	const face = faceOf(`GET ${row.path}`);
	expectRefusal(answer, {
		face,
		row: {
			route: `GET ${row.path}`,
			status: row.status,
			code: face.name === "v1" ? row.v1 : row.v2,
		},
	});
	expect(stage.takeStatements()).toEqual([]);
	expect(await stage.snapshot()).toEqual(before);
	return answer;
}

describe.each(paths)("$path", ({ path, allowed }) => {
	const others = methods.filter(
		(method) => !allowed.includes(method) && method !== "HEAD",
	);
	test.each(others)(
		"answers %s with 405 and what it allows, whoever asks",
		async (method) => {
			const { key } = await stage.addMember("trusted");
			for (const text of [key.text, undefined, "nonsense"]) {
				const { headers } = await expectFree(() => ask(method, path, text), {
					path,
					status: 405,
					v2: "method_not_allowed",
					v1: "METHOD_NOT_ALLOWED",
				});
				expect(String(headers["allow"]).split(", ")).toEqual(allowed);
				expect(headers).not.toHaveProperty("access-control-allow-origin");
			}
		},
	);

	test("answers HEAD like GET, or refuses it, and never with a body", async () => {
		const { key } = await stage.addMember("trusted");
		const answer = await ask("HEAD", path, key.text);
		expect(answer.text).toBe("");
		if (allowed.includes("GET")) {
			const got = await ask("GET", path, key.text);
			expect(answer.status).toBe(got.status);
			expect(answer.headers["content-type"]).toBe(got.headers["content-type"]);
		} else expect(answer.status).toBe(405);
	});

	test("is not found under other spellings of its path", async () => {
		const { key } = await stage.addMember("trusted");
		const { prefix } = faceOf(`GET ${path}`);
		const rest = path.slice(prefix.length + 1);
		const others = [
			`${prefix}//${rest}`,
			`${prefix}/${rest.replace(/^[^/]+/, (first) => first.toUpperCase())}`,
			`${prefix}/${rest}/x/y`,
		];
		for (const url of others)
			await expectFree(() => ask("GET", url, key.text), {
				path: url,
				status: 404,
				v2: "not_found",
				v1: "NOT_FOUND",
			});
	});
});

/** `/api/v2/me` → `/%61%70%69/%76%32/%6d%65` */
function escaped(path: string): string {
	return path.replace(/[a-z0-9-]/g, (one) => {
		const code = one.charCodeAt(0).toString(16);
		return `%${code.padStart(2, "0")}`;
	});
}

describe("a path with needless escapes (RFC 3986, 6.2.2.2)", () => {
	test.each(routes)(
		"is the path without them: $method $path",
		async ({ method, path }) => {
			const { key } = await stage.addMember("trusted");
			const send = (url: string) => ask(method, `${url}?x=%00`, key.text);
			const [plain, spelt] = [await send(path), await send(escaped(path))];
			expect(spelt.status).toBe(plain.status);
			expect(spelt.headers["content-type"]).toBe(plain.headers["content-type"]);
			expect(spelt.body).toEqual(
				plain.text === ""
					? ""
					: {
							...Object(plain.body),
							requestId: spelt.headers["x-request-id"],
							timestamp: expect.any(String),
						},
			);
			expect(String(spelt.headers["x-request-id"]).length).toBe(
				String(plain.headers["x-request-id"]).length,
			);
		},
	);
});

const unreadable: readonly { face: FaceName; url: string }[] = [
	{ face: "v2", url: "/api/v2/%zz" },
	{ face: "v2", url: "/api/v2/vps/%" },
	{ face: "v2", url: "/api/v2/vps/%ff%fe" },
	{ face: "desk", url: "/api/desk/%zz" },
	{ face: "v1", url: "/api/%zz" },
];

describe("a URL that nobody can read", () => {
	test.each(unreadable)(
		"$url is 400 in the words of $face",
		async ({ url, face }) => {
			expect(faceOf(`GET ${url}`).name).toBe(face);
			await expectFree(() => ask("GET", url), {
				path: url,
				status: 400,
				v2: "invalid_request",
				v1: "BAD_REQUEST",
			});
		},
	);

	test("of the silent route is still silent", async () => {
		const answer = await ask("POST", "/api/port25/requests?%zz=%zz");
		expect([answer.status, answer.text]).toEqual([401, expect.any(String)]);
	});
});

describe("a path under no prefix", () => {
	test.each([
		"/",
		"/api",
		"/apiv2",
		"/api/v2",
		"/api/desk",
		"/index.html",
		"/.env",
	])("%s is not found", async (url) => {
		const answer = await ask("GET", url);
		expect(answer.status).toBe(404);
		expect(answer.headers["content-type"]).toMatch(/json/);
		expect(answer.text).toContain("could not be found");
	});
});
