/**
 * Two kinds of route whose body is a file, each a value like any other (`route.ts`): one takes a form with a file in it, the
 * other answers with one.
 */
import type { Static, TObject, TSchema } from "typebox";
import type { AttachedFile } from "../domain/attachments/attachment.ts";
import type { Upload } from "../domain/attachments/upload.ts";
import type { Call } from "./call.ts";
import type { RouteWords } from "./route-words.ts";

interface FileRouteWords extends RouteWords {
	readonly orScopes?: never;
	readonly limit?: never;
	readonly body?: never;
}

/**
 * Takes `multipart/form-data` (RFC 7578): the file in a part `file`, and texts in others. An Idempotency-Key is not looked
 * at (contract 14.17).
 */
export interface UploadRoute extends FileRouteWords {
	readonly kind: "upload";
	readonly method: "POST";
	readonly params?: never;
	readonly query?: never;
	readonly form: {
		/** What is said of the part `file`. */
		readonly file: string;
		/** The other parts, all of them texts that may be left out. */
		readonly texts: TObject;
	};
	readonly answer: {
		readonly status: 201;
		readonly description: string;
		readonly schema: TSchema;
	};
	handle(call: UploadCall): Promise<unknown>;
}

export interface UploadCall {
	/** Reads the form and takes its file. */
	receive(): Promise<Upload>;
}

/** Answers with the bytes of an attachment; HEAD is told what GET would be, and opens nothing. */
export interface DownloadRoute extends FileRouteWords {
	readonly kind: "download";
	readonly method: "GET";
	readonly params?: TSchema;
	readonly query?: TSchema;
	readonly answer: { readonly status: 200; readonly description: string };
	/** Finds the attachment that the caller may have; the server opens and sends it. */
	handle(call: Call<unknown, unknown, unknown>): Promise<AttachedFile>;
}

export function uploadRoute<Texts extends TObject, Answer extends TSchema>(
	shape: Omit<UploadRoute, "kind" | "method" | "form" | "answer" | "handle"> & {
		readonly form: { readonly file: string; readonly texts: Texts };
		readonly answer: UploadRoute["answer"] & { readonly schema: Answer };
		handle(call: UploadCall): Promise<Static<Answer>>;
	},
): UploadRoute {
	return { kind: "upload", method: "POST", ...shape };
}

/** The handler's types follow from the schemas, as those of other routes do. */
export function downloadRoute<Params extends TSchema, Query extends TSchema>(
	shape: Omit<
		DownloadRoute,
		"kind" | "method" | "params" | "query" | "handle"
	> & {
		readonly params?: Params;
		readonly query?: Query;
		handle(
			call: Call<Static<Params>, Static<Query>, undefined>,
		): Promise<AttachedFile>;
	},
): DownloadRoute {
	return { kind: "download", method: "GET", ...shape };
}
