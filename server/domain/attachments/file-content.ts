/**
 * What is seen of a file while its bytes go by: enough to tell what it is without keeping or unpacking it, and the same
 * however the bytes are cut into pieces.
 */

/** What magic numbers are looked for in. */
const headBytes = 4100;

/** The end record of a ZIP and the longest comment behind it lie within (APPNOTE 4.3.16). */
const tailBytes = 22 + 65_535;

export interface FileContent {
	readonly byteLength: number;
	readonly head: Uint8Array;
	readonly tail: Uint8Array;
	/** Whether every byte may stand in a text: UTF-8, an older encoding of one byte a character, or UTF-16 with its mark. */
	readonly isText: boolean;
	/** The beginning as text, without a byte order mark. */
	readonly opening: string;
	/** Whether a browser or a server could find something to run in it, wherever. */
	readonly hasMarkup: boolean;
}

export interface Examination {
	look(piece: Uint8Array): void;
	/** What was seen. */
	result(): FileContent;
}

/**
 * Tags that run something or begin a page; too long to stand in a picture by chance. Looking into a tag ends where another
 * begins, and the names of attributes have an end: a file made of beginnings must not be read over and over.
 */
const markup =
	/<(?:script[\s/>]|html[\s>]|iframe\s|body[\s>]|!doctype\s|\?php\s|svg(?=\s)[^<>]{0,200}[\s"'/](?:xmlns|on[a-z]{1,24})\s*=)/i;
const markupLength = 256;

const latin1 = new TextDecoder("latin1");

export function examine(): Examination {
	const head = new Uint8Array(headBytes);
	const tail = new Tail();
	let byteLength = 0;
	let bytesAreText = true;
	let hasMarkup = false;
	let seam = "";
	let wide: WideText | undefined;
	return {
		look(piece) {
			if (piece.length === 0) return;
			if (byteLength < headBytes)
				head.set(piece.subarray(0, headBytes - byteLength), byteLength);
			if (byteLength < 2 && byteLength + piece.length >= 2)
				wide = wideText(head);
			tail.add(piece);
			bytesAreText &&= isTextual(piece);
			hasMarkup ||= markup.test(seam + latin1.decode(startOf(piece)));
			hasMarkup ||= markup.test(fromFirstBracket(piece));
			seam = (seam + latin1.decode(endOf(piece))).slice(-markupLength);
			wide?.look(byteLength === 0 ? piece : seamless(head, byteLength, piece));
			byteLength += piece.length;
		},
		result() {
			const beginning = head.subarray(0, Math.min(byteLength, headBytes));
			return {
				byteLength,
				head: beginning,
				tail: tail.bytes(),
				isText: bytesAreText || wide?.isText() === true,
				opening: openingOf(beginning, wide?.encoding ?? "latin1"),
				hasMarkup,
			};
		},
	};
}

/** The first byte may have come alone, before anybody could know that the text is wide. */
function seamless(
	head: Uint8Array,
	before: number,
	piece: Uint8Array,
): Uint8Array {
	if (before !== 1) return piece;
	const whole = new Uint8Array(piece.length + 1);
	whole.set(head.subarray(0, 1));
	whole.set(piece, 1);
	return whole;
}

/** The last pieces, as long as they hold what is wanted; they are put together when somebody asks. */
class Tail {
	#pieces: Uint8Array[] = [];
	#byteLength = 0;

	add(piece: Uint8Array): void {
		this.#pieces.push(piece);
		this.#byteLength += piece.length;
		for (;;) {
			const first = this.#pieces[0];
			if (first === undefined || this.#byteLength - first.length < tailBytes)
				return;
			this.#pieces.shift();
			this.#byteLength -= first.length;
		}
	}

	bytes(): Uint8Array {
		const all = new Uint8Array(this.#byteLength);
		let at = 0;
		for (const piece of this.#pieces) {
			all.set(piece, at);
			at += piece.length;
		}
		return all.subarray(Math.max(0, all.length - tailBytes));
	}
}

const startOf = (piece: Uint8Array) => piece.subarray(0, markupLength);
const endOf = (piece: Uint8Array) => piece.subarray(-markupLength);

/** What is before the first bracket can be no markup, and most pieces of most files have none. */
function fromFirstBracket(piece: Uint8Array): string {
	const at = piece.indexOf(0x3c);
	return at === -1 ? "" : latin1.decode(piece.subarray(at));
}

/** Tab, line feed, vertical tab, form feed, carriage return, backspace, and the escape that colours logs. */
const textControls = [0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b];

/** 1 for each byte that a text may have. A table, since every byte of every file is looked up. */
const textual = Uint8Array.from({ length: 256 }, (_, byte) =>
	(byte >= 0x20 && byte !== 0x7f) || textControls.includes(byte) ? 1 : 0,
);

function isTextual(piece: Uint8Array): boolean {
	for (let i = 0; i < piece.length; i += 1)
		if (textual[piece[i] ?? 0] === 0) return false;
	return true;
}

interface WideText {
	readonly encoding: "utf-16le" | "utf-16be";
	look(piece: Uint8Array): void;
	isText(): boolean;
}

const strangeInWideText = /[^\P{Cc}\b\t\n\v\f\r]|\uFFFF|\uFFFE/u;
const colour = "\u001b";

/** UTF-16, as Windows writes logs; only with its mark, since anything can be read as pairs of bytes. */
function wideText(head: Uint8Array): WideText | undefined {
	const [first, second] = head;
	const encoding =
		first === 0xff && second === 0xfe
			? "utf-16le"
			: first === 0xfe && second === 0xff
				? "utf-16be"
				: undefined;
	if (encoding === undefined) return undefined;
	const decoder = new TextDecoder(encoding, { fatal: true });
	let isText = true;
	const read = (piece?: Uint8Array) => {
		try {
			const text =
				piece === undefined
					? decoder.decode()
					: decoder.decode(piece, { stream: true });
			isText &&= !strangeInWideText.test(text.replaceAll(colour, ""));
		} catch {
			isText = false;
		}
	};
	return {
		encoding,
		look(piece) {
			if (isText) read(piece);
		},
		isText() {
			if (isText) read();
			return isText;
		},
	};
}

/** Latin-1 where the encoding is not known: what is looked for is ASCII. */
function openingOf(
	head: Uint8Array,
	encoding: "latin1" | "utf-16le" | "utf-16be",
): string {
	const text = new TextDecoder(encoding).decode(head);
	return text.replace(/^(?:\uFEFF|\u00EF\u00BB\u00BF)+/, "");
}
