/** What every refusal of a face looks like, whole: the fields it has, and that it has no others. */
import { expect } from "vitest";
import type { Face } from "../server/http/face.ts";
import type { Answer } from "./answers.ts";

export interface RefusedRow {
	readonly route: string;
	readonly status: number;
	readonly code?: string | null;
	readonly pointers?: readonly string[];
}

/** Checks status, code and pointers, the shape around them, and the headers that go with the status. */
export function expectRefusal(
	answer: Answer,
	{ row, face }: { readonly row: RefusedRow; readonly face: Face },
): void {
	const { headers, status } = answer;
	expect(headers).toMatchObject({
		"x-request-id": expect.stringMatching(
			face.name === "v1" ? /^[0-9a-f]{8}-[0-9a-f-]{27}$/ : /^req_[0-9a-z]{26}$/,
		),
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
		"x-ratelimit-limit": expect.stringMatching(/^\d+$/),
		"x-ratelimit-remaining": expect.stringMatching(/^\d+$/),
		"x-ratelimit-reset": expect.stringMatching(instant),
	});
	if (status === 401)
		expect(headers["www-authenticate"]).toMatch(/^Bearer realm=/);
	if (status === 429) expect(headers["retry-after"]).toMatch(/^[1-9]\d*$/);
	if (face.name === "v1") expectEnvelope(answer, row);
	else expectProblem(answer, row);
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const sentence = /^[A-Z`].{3,}$/s;

function expectProblem({ headers, status, body }: Answer, row: RefusedRow) {
	expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
	const { pointers } = row;
	expect(body).toEqual({
		type: `https://cloud.example.com/docs/errors/${row.code}`,
		title: expect.stringMatching(sentence),
		status,
		detail: expect.stringMatching(sentence),
		code: row.code,
		instance: expect.stringMatching(/^\/api\/[^?]*$/),
		requestId: headers["x-request-id"],
		timestamp: expect.stringMatching(instant),
		...(pointers !== undefined && {
			errors: pointers.map((pointer) => ({
				pointer,
				detail: expect.stringMatching(sentence),
				code: "invalid_request",
			})),
		}),
	});
	// One fault is what the whole answer says; of several, the whole speaks in general (contract 14.5).
	const { detail, errors = [] } = body as {
		detail: string;
		errors?: readonly { detail: string }[];
	};
	if (errors.length === 1) expect(detail).toBe(errors[0]?.detail);
	if (errors.length > 1)
		expect(detail).toBe("The request body failed validation.");
}

/** The contract shows no body for a 400 of the port 25 POST, and neither code nor timestamp for a 429. */
function expectEnvelope({ headers, status, body }: Answer, row: RefusedRow) {
	if (status === 400 && row.route === "POST /api/port25/requests") {
		expect(body).toBe("");
		return;
	}
	expect(headers["content-type"]).toMatch(/^application\/json/);
	expect(body).toEqual({
		error: expect.stringMatching(/^[A-Z][A-Za-z ]+$/),
		// A sentence; one about a field begins with its name.
		message: expect.stringMatching(/^[A-Z`].{3,}$/s),
		requestId: headers["x-request-id"],
		...(status === 429
			? { retryAfter: expect.stringMatching(instant) }
			: { code: row.code, timestamp: expect.stringMatching(instant) }),
	});
}
