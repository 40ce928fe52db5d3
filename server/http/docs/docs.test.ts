import { describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { useThings } from "../../../test/things.ts";
import { errorCodes, publicCodeOf } from "../public-codes.ts";

const db = useDatabase();
const server = useThings(db);

const codes = [...new Set(errorCodes.map((code) => publicCodeOf[code]))];

function get(url: string) {
	return server.app.inject({ method: "GET", url });
}

describe("the error pages", () => {
	test.each(codes)("%s has a page and its twin", async (code) => {
		const page = await get(`/docs/errors/${code}`);
		expect(page.statusCode).toBe(200);
		expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
		expect(page.body).toContain(`<code>${code}</code>`);
		expect(page.body).toContain(
			`https://cloud.example.com/docs/errors/${code}`,
		);
		const twin = await get(`/docs/errors/${code}.md`);
		expect(twin.statusCode).toBe(200);
		expect(twin.headers["content-type"]).toBe("text/markdown; charset=utf-8");
		for (const part of [
			`- Code: \`${code}\``,
			"- HTTP status: ",
			"- Type: https://cloud.example.com/docs/errors/",
			"## Possible detail messages",
			"## Sample body",
			"## Endpoints",
			`case "${code}"`,
		])
			expect(twin.body).toContain(part);
	});

	test("the sample body is the problem itself", async () => {
		const { body } = await get("/docs/errors/invalid_request.md");
		const sample = JSON.parse(/```json\n([\s\S]*?)\n```/.exec(body)?.[1] ?? "");
		expect(sample).toMatchObject({
			code: "invalid_request",
			detail: "`reason` is required.",
			errors: [{ pointer: "/reason" }],
		});
	});

	test("a 429 lists its four headers", async () => {
		const { body } = await get("/docs/errors/rate_limit_exceeded.md");
		for (const name of [
			"Retry-After",
			"X-RateLimit-Limit",
			"X-RateLimit-Remaining",
			"X-RateLimit-Reset",
		])
			expect(body).toContain(`- \`${name}\``);
	});

	test("name the routes that may answer so, and mark what is ours", async () => {
		const { body } = await get("/docs/errors/unsupported_media_type.md");
		expect(body).toContain("- `POST /api/v2/things`");
		expect(body).not.toContain("- `GET /api/v2/things/{id}`");
		expect(body).toContain("an extension of this server");
		const general = await get("/docs/errors/forbidden.md");
		expect(general.body).toContain("- `GET /api/v2/things/{id}`");
		expect(general.body).not.toContain("an extension");
	});

	test("the index lists every code", async () => {
		for (const url of ["/docs/errors", "/docs/errors.md"]) {
			const { body } = await get(url);
			for (const code of codes) expect(body).toContain(`errors/${code}`);
		}
	});

	test("an unknown code is 404 with the list, and is not repeated", async () => {
		const page = await get("/docs/errors/%3Cscript%3Ealert(1)%3C%2Fscript%3E");
		expect(page.statusCode).toBe(404);
		expect(page.body).not.toContain("alert");
		expect(page.body).toContain("/docs/errors/not_found");
		expect((await get("/docs/errors/__proto__")).statusCode).toBe(404);
	});

	test("carry no script and may load only their style sheet", async () => {
		const { headers, body } = await get("/docs/errors/not_found");
		expect(headers["content-security-policy"]).toBe(
			"default-src 'none';style-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
		);
		expect(headers["cache-control"]).toBe("public, max-age=300");
		expect(headers["x-content-type-options"]).toBe("nosniff");
		expect(body).not.toMatch(/<script|style=|onclick/i);
		const style = await get("/docs/docs.css");
		expect(style.headers["content-type"]).toBe("text/css; charset=utf-8");
		expect(style.body).toContain("prefers-color-scheme: dark");
	});
});
