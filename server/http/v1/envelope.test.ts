import { describe, expect, test } from "vitest";
import { type ErrorCode, Refusal } from "../../kernel/errors.ts";
import type { Occasion } from "../face.ts";
import { errorCodes } from "../public-codes.ts";
import { envelop, presentLegacy } from "./envelope.ts";

const requestId = "2121ae20-bd9d-41e9-aeeb-5dd1dd1a24ba";
const timestamp = "2026-02-10T00:00:00.000Z";
const occasion: Occasion = {
	method: "POST",
	path: "/api/port25/requests",
	requestId,
	at: new Date(timestamp),
	errorBaseUrl: "https://cloud.example.com/docs/errors/",
};

function bodyOf(refusal: Refusal, about: Partial<Occasion> = {}): unknown {
	const { content } = presentLegacy(refusal, { ...occasion, ...about });
	return content === null ? null : JSON.parse(content.text);
}

describe("the first generation's envelope", () => {
	test("goes around data as the contract shows", () => {
		expect(envelop({ approved: false }, occasion)).toEqual({
			success: true,
			timestamp,
			requestId,
			data: { approved: false },
		});
	});

	test("gives a conflict the five fields of the primary document", () => {
		expect(bodyOf(new Refusal("port25.already_open"))).toEqual({
			code: "CONFLICT",
			error: "Conflict",
			message: "IP address is already whitelisted",
			requestId,
			timestamp,
		});
	});

	test("tells a pending duplicate in the second generation's words", () => {
		expect(bodyOf(new Refusal("port25.request_pending"))).toMatchObject({
			code: "CONFLICT",
			message: "A port 25 request for this IP is already pending review.",
		});
	});

	test("gives a 429 no code and no timestamp, but when to come back", () => {
		const retryAt = new Date("2026-02-10T00:00:30.000Z");
		expect(bodyOf(new Refusal("rate.exceeded", { retryAt }))).toEqual({
			error: "Too Many Requests",
			message: "Rate limit exceeded. Please try again later.",
			retryAfter: "2026-02-10T00:00:30.000Z",
			requestId,
		});
	});

	test.each([
		[
			"auth.required",
			"Unauthorized",
			"Authentication required",
			"UNAUTHORIZED",
		],
		[
			"server.internal",
			"Internal Server Error",
			"An unexpected error occurred",
			"INTERNAL_ERROR",
		],
	] as const)("keeps the exact words for %s", (code, error, message, word) => {
		expect(bodyOf(new Refusal(code))).toEqual({
			error,
			message,
			code: word,
			timestamp,
			requestId,
		});
	});

	test("says nothing in a 400 of the port 25 submission, and something in every other", () => {
		const refusal = new Refusal("request.invalid");
		expect(presentLegacy(refusal, occasion)).toEqual({
			status: 400,
			content: null,
		});
		expect(bodyOf(refusal, { method: "GET" })).toMatchObject({
			code: "BAD_REQUEST",
			error: "Bad Request",
		});
		expect(bodyOf(refusal, { path: "/api/port25/others" })).not.toBeNull();
	});

	test.each([
		["request.method_not_allowed", 405, "METHOD_NOT_ALLOWED"],
		["request.too_large", 413, "PAYLOAD_TOO_LARGE"],
		["request.media_type_unsupported", 415, "UNSUPPORTED_MEDIA_TYPE"],
		["idempotency.reused", 422, "UNPROCESSABLE_ENTITY"],
		["server.unavailable", 503, "SERVICE_UNAVAILABLE"],
		["auth.forbidden", 403, "FORBIDDEN"],
		["vps.not_found", 404, "NOT_FOUND"],
	] as const satisfies readonly (readonly [ErrorCode, number, string])[])(
		"answers %s with %i and %s",
		(code, status, word) => {
			const answer = presentLegacy(new Refusal(code), occasion);
			expect(answer.status).toBe(status);
			expect(answer.content?.type).toBe("application/json");
			expect(JSON.parse(answer.content?.text ?? "")).toMatchObject({
				code: word,
			});
		},
	);

	test("has HTTP's own name of the status in every error", () => {
		for (const code of errorCodes) {
			const { status, content } = presentLegacy(new Refusal(code), {
				...occasion,
				method: "GET",
			});
			expect(status).toBeGreaterThanOrEqual(400);
			expect(JSON.parse(content?.text ?? "").error).not.toBe("Error");
		}
	});
});
