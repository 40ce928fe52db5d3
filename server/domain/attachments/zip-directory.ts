/** The directory at the end of a ZIP (PKWARE APPNOTE 4.3), read as far as the last bytes of the file hold it. Nothing is unpacked. */

export interface ZipDirectory {
	/** Whether the archive is the whole file: it begins at the first byte and ends at the last. */
	readonly isWholeFile: boolean;
	/** The names of entries that could be read. */
	readonly names: readonly string[];
}

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endBytes = 22;
const entryBytes = 46;

/** The directory of an archive that ends with these bytes, at whatever place it begins; undefined when there is none. */
export function zipDirectoryIn(
	tail: Uint8Array,
	byteLength: number,
): ZipDirectory | undefined {
	const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
	for (let at = tail.length - endBytes; at >= 0; at -= 1) {
		if (view.getUint32(at, true) !== endSignature) continue;
		const entries = view.getUint16(at + 10, true);
		const size = view.getUint32(at + 12, true);
		const offset = view.getUint32(at + 16, true);
		const commentLength = view.getUint16(at + 20, true);
		const endAt = byteLength - tail.length + at;
		// A chance that four bytes are these, or a directory of more than there is.
		if (size > endAt || entries * entryBytes > size) continue;
		const names = namesIn(view, { from: at - size, to: at });
		if (names === undefined) continue;
		return {
			isWholeFile:
				offset + size === endAt &&
				endAt + endBytes + commentLength === byteLength,
			names,
		};
	}
	return undefined;
}

/** Undefined where no entry is at the place of the first one. What begins before these bytes cannot be told, and passes. */
function namesIn(
	view: DataView,
	{ from, to }: { readonly from: number; readonly to: number },
): string[] | undefined {
	const names: string[] = [];
	if (from < 0) return names;
	let at = from;
	while (at + entryBytes <= to) {
		if (view.getUint32(at, true) !== entrySignature)
			return at === from ? undefined : names;
		const nameLength = view.getUint16(at + 28, true);
		const extraLength = view.getUint16(at + 30, true);
		const commentLength = view.getUint16(at + 32, true);
		const nameAt = at + entryBytes;
		if (nameAt + nameLength > to) break;
		names.push(
			new TextDecoder("latin1").decode(
				new Uint8Array(view.buffer, view.byteOffset + nameAt, nameLength),
			),
		);
		at = nameAt + nameLength + extraLength + commentLength;
	}
	return names;
}
