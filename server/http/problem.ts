/**
 * Refusals as problem documents (RFC 9457; contract 2.1, 14.1–14.7): the language of the second generation, of the desk,
 * and of everything that is not the first generation.
 */
import { catalogue, type Fault, type Refusal } from "../kernel/errors.ts";
import type { Occasion, RefusedAnswer } from "./face.ts";
import { type PublicCode, publicCodeOf, statusOf } from "./public-codes.ts";

/** The contract words an internal error of the port 25 routes more briefly (contract 14.6). */
const port25InternalDetail = "An unexpected error occurred.";

/** The members of a problem, in the contract's order. */
export interface Problem {
	readonly type: string;
	readonly title: string;
	readonly status: number;
	readonly detail: string;
	readonly code: PublicCode;
	readonly instance: string;
	readonly requestId: string;
	readonly timestamp: string;
	readonly errors?: readonly {
		readonly pointer: string;
		readonly detail: string;
		readonly code: string;
	}[];
}

export function problemOf(refusal: Refusal, occasion: Occasion): Problem {
	const code = publicCodeOf[refusal.code];
	const { title, kind } = catalogue[refusal.code];
	return {
		type: `${occasion.errorBaseUrl}${code}`,
		title,
		status: statusOf[kind],
		detail: detailOf(refusal, occasion.path),
		code,
		instance: occasion.path,
		requestId: occasion.requestId,
		timestamp: occasion.at.toISOString(),
		...(refusal.faults.length > 0 && {
			errors: refusal.faults.map((fault) => ({
				pointer: fault.pointer,
				detail: fault.detail,
				code: faultCode(fault),
			})),
		}),
	};
}

/** A refusal as `application/problem+json`. */
export function presentProblem(
	refusal: Refusal,
	occasion: Occasion,
): RefusedAnswer {
	const problem = problemOf(refusal, occasion);
	return {
		status: problem.status,
		content: {
			type: "application/problem+json",
			text: JSON.stringify(problem),
		},
	};
}

/** All faults have the code of the whole, as in the primary documents; finer codes would be switched on here (contract 14.4). */
function faultCode(_fault: Fault): string {
	return publicCodeOf["request.invalid"];
}

function detailOf(refusal: Refusal, path: string): string {
	return refusal.code === "server.internal" && isPort25(path)
		? port25InternalDetail
		: refusal.detail;
}

function isPort25(path: string): boolean {
	return path.includes("/port25");
}
