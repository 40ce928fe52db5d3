/** Bodies of `multipart/form-data`, byte for byte as a test wants them. */

export interface Part {
	/** Null leaves it out. */
	readonly name: string | null;
	/** As it stands in the header; a part without one is text. */
	readonly filename?: string;
	readonly type?: string;
	readonly content: string | Buffer;
}

const boundary = "----postern-test-7MA4YWxkTrZu0gW";

export const multipartType = `multipart/form-data; boundary=${boundary}`;

/** The whole form, with its end unless `isCut`. */
export function multipart(
	parts: readonly Part[],
	{ isCut = false }: { readonly isCut?: boolean } = {},
): Buffer {
	const pieces = parts.flatMap(({ name, filename, type, content }) => {
		const named = name === null ? "" : `; name="${name}"`;
		const called = filename === undefined ? "" : `; filename="${filename}"`;
		return [
			Buffer.from(
				`--${boundary}\r\nContent-Disposition: form-data${named}${called}\r\n${type === undefined ? "" : `Content-Type: ${type}\r\n`}\r\n`,
			),
			Buffer.from(content),
			Buffer.from("\r\n"),
		];
	});
	const end = isCut ? "" : `--${boundary}--\r\n`;
	return Buffer.concat([...pieces, Buffer.from(end)]);
}

/** The part `file`. */
export function filePart(filename: string, content: string | Buffer): Part {
	return { name: "file", filename, type: "application/octet-stream", content };
}

export function ticketPart(ticketId: string): Part {
	return { name: "ticketId", content: ticketId };
}

/** What a scenario sends. */
export function formOf(...parts: readonly Part[]): {
	readonly raw: Buffer;
	readonly headers: { readonly "content-type": string };
} {
	return { raw: multipart(parts), headers: { "content-type": multipartType } };
}
