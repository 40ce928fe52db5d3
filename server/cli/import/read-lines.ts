/** Cuts a stream of bytes into lines, holding no more of a line than is allowed. */

export interface Line {
	/** From 1. */
	readonly number: number;
	/** Without its end; undefined for a line that is longer than allowed. */
	readonly bytes: Buffer | undefined;
}

const newline = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** The lines of each chunk, as it comes. Blank lines are counted and left out; a byte order mark at the beginning is dropped. */
export async function* readLines(
	source: AsyncIterable<Buffer>,
	bytesMax: number,
): AsyncGenerator<readonly Line[]> {
	let number = 0;
	let parts: Buffer[] = [];
	let length = 0;

	function add(part: Buffer): void {
		length += part.length;
		// What is too long already needs no more of it.
		if (length > bytesMax) parts = [];
		else if (part.length > 0) parts.push(part);
	}

	function end(): Line[] {
		number += 1;
		const isTooLong = length > bytesMax;
		const [first, ...more] = parts;
		const whole = more.length > 0 ? Buffer.concat(parts) : first;
		parts = [];
		length = 0;
		if (isTooLong) return [{ number, bytes: undefined }];
		const bytes = number === 1 ? withoutMark(whole) : whole;
		return bytes === undefined || isBlank(bytes) ? [] : [{ number, bytes }];
	}

	for await (const chunk of source) {
		const lines: Line[] = [];
		let from = 0;
		for (;;) {
			const to = chunk.indexOf(newline, from);
			if (to === -1) break;
			add(chunk.subarray(from, to));
			lines.push(...end());
			from = to + 1;
		}
		add(chunk.subarray(from));
		if (lines.length > 0) yield lines;
	}
	const last = length > 0 ? end() : [];
	if (last.length > 0) yield last;
}

function withoutMark(bytes: Buffer | undefined): Buffer | undefined {
	return bytes?.subarray(0, byteOrderMark.length).equals(byteOrderMark)
		? bytes.subarray(byteOrderMark.length)
		: bytes;
}

/** Nothing but spaces, tabs and carriage returns. */
function isBlank(bytes: Buffer): boolean {
	return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
