import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { fastify } from "fastify";
import { afterAll, describe, expect, test } from "vitest";
import { registerWeb, type WebPages } from "./web.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-web-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "assets", "main-abc.js"), "export {};");
writeFileSync(
	join(folder, "assets", "main-abc.js.br"),
	brotliCompressSync("export {};"),
);
writeFileSync(join(folder, "scheme.js"), "");
writeFileSync(join(folder, "icon.svg"), "<svg/>");
writeFileSync(join(folder, "secret.txt"), "no");

type Index = Awaited<ReturnType<WebPages["index"]>>;

async function served(index: Index) {
	const app = fastify();
	registerWeb(app, { folder, index: async () => index });
	await app.ready();
	return app;
}

const built: Index = {
	state: "built",
	text: '<meta name="style-nonce" content="{{nonce}}">',
};

describe("the pages", () => {
	test.each(["/support", "/support/", "/support/tickets/tkt_1?x=1"])(
		"%s is the one page, never kept, with a nonce of its own",
		async (url) => {
			const app = await served(built);
			const [one, other] = await Promise.all([
				app.inject(url),
				app.inject(url),
			]);
			expect(one.statusCode).toBe(200);
			const nonce = /content="([^"]+)"/.exec(one.body)?.[1];
			expect(one.headers["content-security-policy"]).toContain(
				`style-src 'self' 'nonce-${nonce}'`,
			);
			expect(one.headers["content-security-policy"]).toContain(
				"script-src 'self';",
			);
			expect(one.body).not.toBe(other.body);
		},
	);

	test("assets are kept for good and sent as they were compressed", async () => {
		const app = await served(built);
		const { statusCode, headers } = await app.inject({
			url: "/support/assets/main-abc.js",
			headers: { "accept-encoding": "br" },
		});
		expect(statusCode).toBe(200);
		expect(headers).toMatchObject({
			"content-encoding": "br",
			"cache-control": "public, max-age=31536000, immutable",
		});
	});

	test.each([
		"/support/assets/..%2fsecret.txt",
		"/support/assets/%2e%2e%2fsecret.txt",
		"/support/assets/none.js",
		"/support/assets/.hidden",
	])("%s is not there", async (url) => {
		const app = await served(built);
		const { statusCode, body } = await app.inject(url);
		expect(statusCode).toBe(404);
		expect(body).not.toContain("no\n");
	});

	test("a file beside the known ones is not served, the page is", async () => {
		const app = await served(built);
		const { headers, body } = await app.inject("/support/secret.txt");
		expect(headers["content-type"]).toContain("text/html");
		expect(body).not.toBe("no");
	});

	test("while they are built the page says so, and looks again", async () => {
		const app = await served({ state: "building" });
		const { statusCode, headers, body } = await app.inject("/support");
		expect(statusCode).toBe(503);
		expect(headers["retry-after"]).toBe("2");
		expect(body).toContain('http-equiv="refresh" content="2"');
		expect(body).toContain("The pages are being built.");
	});

	test("when nobody builds them the page says what to do", async () => {
		const app = await served({ state: "missing", advice: "Run <this>." });
		const { body } = await app.inject("/support");
		expect(body).toContain("Run &lt;this&gt;.");
	});
});
