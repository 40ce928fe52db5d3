import { describe, expect, test } from "vitest";
import { catalogue, Refusal } from "../kernel/errors.ts";
import type { Occasion } from "./face.ts";
import { presentProblem, problemOf } from "./problem.ts";
import { errorCodes, publicCodeOf, statusOf } from "./public-codes.ts";

const occasion: Occasion = {
	method: "POST",
	path: "/api/v2/support/tickets",
	requestId: "req_01hxa3b4c5d6e7f8g9h0j1k2m3",
	at: new Date("2026-04-27T12:34:56.000Z"),
	errorBaseUrl: "https://developer.example.com/errors/",
};

describe("a problem", () => {
	test("is the contract's sample, member for member and in its order", () => {
		const fault = {
			pointer: "/items/0/domainName",
			detail: "`domainName` is required.",
		};
		const other = { pointer: "/reason", detail: "`reason` is required." };
		const refusal = new Refusal("request.invalid", { faults: [fault, other] });
		const { status, content } = presentProblem(refusal, occasion);
		expect(status).toBe(400);
		expect(content?.type).toBe("application/problem+json");
		expect(content?.text).toBe(
			JSON.stringify({
				type: "https://developer.example.com/errors/invalid_request",
				title: "Invalid request",
				status: 400,
				detail: "The request body failed validation.",
				code: "invalid_request",
				instance: "/api/v2/support/tickets",
				requestId: "req_01hxa3b4c5d6e7f8g9h0j1k2m3",
				timestamp: "2026-04-27T12:34:56.000Z",
				errors: [
					{ ...fault, code: "invalid_request" },
					{ ...other, code: "invalid_request" },
				],
			}),
		);
	});

	test("says what is wrong at the top when only one field is", () => {
		const detail = "`reason` is required.";
		const faults = [{ pointer: "/reason", detail }];
		const refusal = new Refusal("request.invalid", { faults });
		expect(problemOf(refusal, occasion).detail).toBe(detail);
	});

	test("has no errors when no field is to blame", () => {
		const refusal = new Refusal("vps.not_found");
		expect(problemOf(refusal, occasion)).not.toHaveProperty("errors");
	});

	test("words an internal error of port 25 as its document does, and others as theirs do", () => {
		const refusal = new Refusal("server.internal");
		const path = "/api/v2/support/port25-requests";
		expect(problemOf(refusal, { ...occasion, path }).detail).toBe(
			"An unexpected error occurred.",
		);
		expect(problemOf(refusal, occasion).detail).toBe(
			"An unexpected error occurred. Retry later or contact support if the issue persists.",
		);
	});

	test("has one status and one title for each code", () => {
		const seen = new Map<string, string>();
		for (const code of errorCodes) {
			const { kind, title } = catalogue[code];
			const said = `${statusOf[kind]} ${title}`;
			const shown = publicCodeOf[code];
			expect(seen.get(shown) ?? said, shown).toBe(said);
			seen.set(shown, said);
		}
	});

	test.each([
		["request.invalid", 400, "Invalid request"],
		["request.cursor_invalid", 400, "Validation failed"],
		["auth.required", 401, "Unauthorized"],
		["auth.forbidden", 403, "Forbidden"],
		["account.inactive", 403, "Account inactive"],
		["port25.requirements_not_met", 403, "Port 25 requirements not met"],
		["resource.not_found", 404, "Not found"],
		["vps.not_found", 404, "VPS not found"],
		["port25.request_pending", 409, "Port 25 request already pending"],
		["vps.not_ready", 409, "VPS not ready"],
		["port25.cooling_off", 409, "Cooldown active"],
		["rate.exceeded", 429, "Too many requests"],
		["server.internal", 500, "Internal server error"],
	] as const)(
		"answers %s with the contract's status %i and title",
		(code, status, title) => {
			expect(problemOf(new Refusal(code), occasion)).toMatchObject({
				status,
				title,
			});
		},
	);
});
