import { describe, expect, test } from "vitest";
import { faces as served } from "../server/http/faces.ts";
import { openApiDocument } from "../tools/openapi.ts";
import { faces } from "./things.ts";

function documentOf(name: "v1" | "v2") {
	const face = faces.find((one) => one.name === name);
	if (face === undefined) throw new Error(`no face ${name}`);
	return JSON.parse(JSON.stringify(openApiDocument(face)));
}

describe("the OpenAPI document", () => {
	const v2 = documentOf("v2");
	const v1 = documentOf("v1");

	test("has each route once, under its own name and scope", () => {
		expect(v2.openapi).toBe("3.1.0");
		expect(Object.keys(v2.paths)).toEqual([
			"/api/v2/things",
			"/api/v2/things/{id}",
			"/api/v2/things/{id}/actions/act",
		]);
		expect(v2.paths["/api/v2/things"].post).toMatchObject({
			operationId: "make",
			tags: ["Things"],
			security: ["bearer", "apiKey", "session"].map((scheme) => ({
				[scheme]: ["write:support"],
			})),
		});
		expect(v2.components.securitySchemes.bearer.description).toContain(
			"`read:support`, `write:support`",
		);
	});

	test("closes the bodies of v2, and leaves those of v1 open", () => {
		const bodyIn = (document: typeof v2, path: string) =>
			document.paths[path].post.requestBody.content["application/json"].schema;
		expect(bodyIn(v2, "/api/v2/things").additionalProperties).toBe(false);
		expect(bodyIn(v1, "/api/things")).not.toHaveProperty(
			"additionalProperties",
		);
	});

	test("lists parameters in path, query and header", () => {
		const read = v2.paths["/api/v2/things/{id}"].get;
		expect(read.parameters).toMatchObject([
			{ name: "id", in: "path", required: true, schema: { type: "string" } },
			{ name: "limit", in: "query", required: false },
			{ name: "include", in: "query", required: false },
		]);
		expect(v2.paths["/api/v2/things"].post.parameters).toEqual([
			{ $ref: "#/components/parameters/IdempotencyKey" },
		]);
	});

	test("has every status that a route may answer with, and the codes behind it", () => {
		const { responses } = v2.paths["/api/v2/things"].post;
		expect(Object.keys(responses)).toEqual([
			"201",
			"400",
			"401",
			"403",
			"409",
			"413",
			"415",
			"422",
			"429",
			"500",
			"503",
		]);
		expect(responses["409"]["x-postern-codes"]).toEqual([
			"idempotency_key_in_use",
		]);
		expect(responses["429"].headers).toHaveProperty("Retry-After");
		expect(responses["400"].content["application/problem+json"].schema).toEqual(
			{ $ref: "#/components/schemas/Problem" },
		);
	});

	test("wraps v1 in its envelope, and shows no body where v1 has none", () => {
		const { responses } = v1.paths["/api/port25/requests"].post;
		const success = responses["201"].content["application/json"].schema;
		expect(success.required).toEqual([
			"success",
			"timestamp",
			"requestId",
			"data",
		]);
		expect(responses["400"]).not.toHaveProperty("content");
		expect(responses["429"].content["application/json"].schema.$ref).toBe(
			"#/components/schemas/RateLimited",
		);
		expect(v1.paths["/api/things"].post.responses["400"]).toHaveProperty(
			"content",
		);
	});

	test("every reference leads somewhere", () => {
		for (const document of [v1, v2])
			for (const [, path = ""] of JSON.stringify(document).matchAll(
				/"\$ref":"#\/([^"]+)"/g,
			)) {
				const found = path
					.split("/")
					.reduce((at, name) => at?.[name], document);
				expect(found, path).toBeDefined();
			}
	});

	test("says how a file is sent, and that one comes back as it is", () => {
		const face = served.find(({ name }) => name === "v2");
		if (face === undefined) throw new Error("no v2");
		const { paths } = JSON.parse(JSON.stringify(openApiDocument(face)));
		const { post } = paths["/api/v2/support/attachments"];
		expect(post).not.toHaveProperty("parameters");
		expect(post.requestBody).toMatchObject({
			required: true,
			content: {
				"multipart/form-data": {
					schema: {
						required: ["file"],
						additionalProperties: false,
						properties: {
							file: { contentMediaType: "application/octet-stream" },
							ticketId: { type: "string" },
						},
					},
				},
			},
		});
		expect(post.responses["201"].headers).not.toHaveProperty(
			"Idempotency-Replayed",
		);
		expect(Object.keys(post.responses)).toEqual(
			expect.arrayContaining(["400", "404", "408", "409", "413", "415"]),
		);
		const { get } = paths["/api/v2/support/attachments/{id}"];
		expect(get.parameters).toMatchObject([
			{ name: "id", in: "path" },
			{ name: "ticketId", in: "query", required: true },
		]);
		expect(get.responses["200"]).toMatchObject({
			headers: { "Content-Disposition": {} },
			content: { "*/*": {} },
		});
	});
});
