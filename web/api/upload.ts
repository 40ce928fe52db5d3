/** Files to the API and back. Uploads go by XMLHttpRequest: `fetch` does not say how far it has come. */
import type { paths } from "./generated.ts";
import { parseJson } from "./json.ts";
import { ApiProblem, OfflineError } from "./problem.ts";

/** A file that has arrived and waits to become an attachment. */
export type SentFile =
	paths["/api/v2/support/attachments"]["post"]["responses"][201]["content"]["application/json"];

export interface Sending {
	/** What says who is signed in. */
	readonly headers: Readonly<Record<string, string>>;
	/** Told how much of it has left, from 0 to 1. */
	readonly onProgress: (share: number) => void;
	readonly signal: AbortSignal;
}

/** Rejects with an `ApiProblem`, an `OfflineError`, or an `AbortError` when it was told to stop. */
export function sendFile(
	file: File,
	{ headers, onProgress, signal }: Sending,
): Promise<SentFile> {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		request.open("POST", "/api/v2/support/attachments");
		for (const [name, value] of Object.entries(headers))
			request.setRequestHeader(name, value);
		request.upload.onprogress = ({ loaded, total }) =>
			onProgress(total === 0 ? 0 : loaded / total);
		request.onload = () => {
			const document = parseJson(request.responseText);
			if (request.status === 201)
				// The route answers so: the type is made from its schema.
				resolve(document as SentFile);
			else
				reject(
					new ApiProblem(
						request.status,
						document,
						request.getResponseHeader("retry-after"),
					),
				);
		};
		request.onerror = () => reject(new OfflineError("upload"));
		request.onabort = () => reject(new DOMException("stopped", "AbortError"));
		signal.addEventListener("abort", () => request.abort(), { once: true });
		const form = new FormData();
		form.append("file", file);
		request.send(form);
	});
}

/** Tells the API that a file is not wanted after all. What cannot be told now is removed by itself in a day. */
export function forgetFile(
	id: string,
	headers: Readonly<Record<string, string>>,
): void {
	void fetch(`/api/v2/support/attachments/${id}`, {
		method: "DELETE",
		headers,
	}).catch(() => {});
}

/** Fetches an attachment and has the browser save it under its name. Rejects as `sendFile`. */
export async function saveFile(
	path: string,
	name: string,
	headers: Readonly<Record<string, string>>,
): Promise<void> {
	const response = await fetch(path, { headers }).catch((cause: unknown) => {
		throw new OfflineError(cause);
	});
	if (!response.ok) throw await ApiProblem.from(response);
	const address = URL.createObjectURL(await response.blob());
	const link = document.createElement("a");
	link.href = address;
	link.download = name;
	link.click();
	// The browser has taken hold of it once the click was handled.
	setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
