/** What can go wrong between a page and the API. */

import { fieldOf } from "./json.ts";

/** One thing wrong with one field, as a problem document has it. */
export interface FieldFault {
	readonly pointer: string;
	readonly detail: string;
}

/** The API said no, and why (RFC 9457). */
export class ApiProblem extends Error {
	override readonly name = "ApiProblem";
	readonly status: number;
	/** What to branch on. */
	readonly code: string;
	readonly detail: string;
	readonly requestId: string | undefined;
	/** When trying again makes sense, in seconds from the answer; undefined when nothing was said. */
	readonly retryAfterS: number | undefined;
	readonly faults: readonly FieldFault[];

	constructor(
		status: number,
		document: unknown,
		retryAfter: string | null = null,
	) {
		const text = (name: string) => {
			const value = fieldOf(document, name);
			return typeof value === "string" ? value : undefined;
		};
		const detail = text("detail") ?? `HTTP ${status}`;
		super(detail);
		this.status = status;
		this.code = text("code") ?? "unknown";
		this.detail = detail;
		this.requestId = text("requestId");
		const seconds = Number(retryAfter ?? Number.NaN);
		this.retryAfterS = Number.isFinite(seconds) ? seconds : undefined;
		const errors = fieldOf(document, "errors");
		this.faults = Array.isArray(errors) ? errors.flatMap(faultFrom) : [];
	}

	static async from(response: Response): Promise<ApiProblem> {
		// A proxy in between may answer with something else.
		const document: unknown = await response.json().catch(() => undefined);
		return new ApiProblem(
			response.status,
			document,
			response.headers.get("retry-after"),
		);
	}

	/** What is wrong with a field of the body, if anything is. */
	faultAt(pointer: string): string | undefined {
		return this.faults.find((fault) => fault.pointer === pointer)?.detail;
	}
}

/** No answer came: the network, or a server that is starting again. What was typed is still there. */
export class OfflineError extends Error {
	override readonly name = "OfflineError";

	constructor(cause: unknown) {
		super("no answer", { cause });
	}
}

function faultFrom(error: unknown): FieldFault[] {
	const pointer = fieldOf(error, "pointer");
	const detail = fieldOf(error, "detail");
	return typeof pointer === "string" && typeof detail === "string"
		? [{ pointer, detail }]
		: [];
}
