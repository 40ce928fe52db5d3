/**
 * Reads a JSON document piece by piece (RFC 8259). Strings that stand in an array are offered to `take` as they come; what
 * is taken is not kept. So a list of half a million addresses costs what its reader makes of it, and an endless one can be
 * given up at any moment. What is kept is bounded: a few bytes of JSON become many in memory (`[],[],…`), and compressed
 * they are next to nothing on the wire.
 */

/**
 * Returns true when it has taken the string.
 *
 * @param path keys from the outside in, `*` for a place in an array
 * @param within the object that the array belongs to, as far as it was read
 */
export type Take = (
	path: string,
	text: string,
	within: Readonly<Record<string, unknown>>,
) => boolean;

type Container =
	| { readonly kind: "array"; readonly path: string; readonly value: unknown[] }
	| {
			readonly kind: "object";
			readonly path: string;
			readonly value: Record<string, unknown>;
			key: string | undefined;
	  };

/** What may come next. */
type Expect =
	| "value"
	| "value or end"
	| "key"
	| "key or end"
	| "colon"
	| "comma or end"
	| "nothing";

const depthMax = 32;
/** The longest piece that is looked at before it is complete: a string, a number, a word. */
const tokenLengthMax = 4_096;
/** What any value, and any key, counts for beside its text. */
const valueLength = 16;

const space = /[ \t\r\n]*/y;
const plainString = /"([^"\\\p{Cc}]*)"/uy;
const anyString = /"(?:[^"\\]|\\[\s\S])*"/y;
const scalar = /-?\d[\d.eE+-]*|true|false|null/y;

export class JsonStream {
	readonly #take: Take;
	readonly #stack: Container[] = [];
	#expect: Expect = "value";
	#rest = "";
	#document: unknown;
	readonly #keptMax: number;
	#kept = 0;

	/** @param keptMax how much may be kept, in characters; each value counts for some, however short it is */
	constructor(take: Take, keptMax: number) {
		this.#take = take;
		this.#keptMax = keptMax;
	}

	/** Throws a SyntaxError on what is not JSON, and a RangeError when more is kept than may be. */
	write(piece: string): void {
		const text = this.#rest + piece;
		const end = this.#consume(text, false);
		this.#rest = text.slice(end);
		if (this.#rest.length > tokenLengthMax)
			throw new SyntaxError("a string or a number without an end");
	}

	/** The document without what was taken. Throws a SyntaxError when it is not complete. */
	end(): unknown {
		const end = this.#consume(this.#rest, true);
		if (this.#expect !== "nothing" || end < this.#rest.length)
			throw new SyntaxError("the document ends too early");
		return this.#document;
	}

	/** Reads token after token; returns where the first incomplete one begins. */
	#consume(text: string, isLast: boolean): number {
		let at = 0;
		for (;;) {
			space.lastIndex = at;
			space.test(text);
			at = space.lastIndex;
			if (at >= text.length) return text.length;
			const next = this.#token(text, at, isLast);
			if (next === undefined) return at;
			at = next;
		}
	}

	/** Reads the token at `at` and returns where it ends; undefined when more text is needed to tell. */
	#token(text: string, at: number, isLast: boolean): number | undefined {
		const character = text[at];
		switch (character) {
			case '"':
				return this.#string(text, at);
			case "{":
			case "[":
				this.#open(character);
				return at + 1;
			case "}":
			case "]":
				this.#close(character);
				return at + 1;
			case ",":
				this.#must(this.#expect === "comma or end");
				this.#expect = this.#inside?.kind === "object" ? "key" : "value";
				return at + 1;
			case ":":
				this.#must(this.#expect === "colon");
				this.#expect = "value";
				return at + 1;
			default:
				return this.#scalar(text, at, isLast);
		}
	}

	#string(text: string, at: number): number | undefined {
		plainString.lastIndex = at;
		const plain = plainString.exec(text)?.[1];
		if (plain !== undefined) {
			this.#onString(plain);
			return plainString.lastIndex;
		}
		anyString.lastIndex = at;
		const quoted = anyString.exec(text)?.[0];
		if (quoted === undefined) return undefined;
		this.#onString(String(JSON.parse(quoted)));
		return at + quoted.length;
	}

	#onString(text: string): void {
		const inside = this.#inside;
		if (this.#expect === "key" || this.#expect === "key or end") {
			if (inside?.kind === "object") inside.key = text;
			this.#keep(text.length);
			this.#expect = "colon";
			return;
		}
		this.#mustBeValue();
		if (inside?.kind === "array" && this.#isTaken(inside.path, text))
			this.#expect = "comma or end";
		else this.#value(text);
	}

	#isTaken(path: string, text: string): boolean {
		const outside = this.#stack.at(-2);
		return this.#take(
			`${path}.*`,
			text,
			outside?.kind === "object" ? outside.value : {},
		);
	}

	#scalar(text: string, at: number, isLast: boolean): number | undefined {
		scalar.lastIndex = at;
		const word = scalar.exec(text)?.[0];
		// A number or a word may go on in the next piece.
		if (word === undefined || at + word.length === text.length) {
			if (!isLast && /^[-\w.+]*$/.test(text.slice(at, at + tokenLengthMax)))
				return undefined;
			this.#must(word !== undefined);
		}
		this.#mustBeValue();
		this.#value(JSON.parse(word ?? ""));
		return at + (word ?? "").length;
	}

	#open(bracket: "{" | "["): void {
		this.#mustBeValue();
		this.#must(this.#stack.length < depthMax);
		const path = this.#path();
		if (bracket === "[") {
			this.#stack.push({ kind: "array", path, value: [] });
			this.#expect = "value or end";
		} else {
			this.#stack.push({ kind: "object", path, value: {}, key: undefined });
			this.#expect = "key or end";
		}
	}

	#close(bracket: "}" | "]"): void {
		const kind = bracket === "]" ? "array" : "object";
		const closing = this.#stack.pop();
		this.#must(
			closing?.kind === kind &&
				["comma or end", "value or end", "key or end"].includes(this.#expect),
		);
		this.#value(closing?.value);
	}

	/** A value is complete: it goes where it belongs. */
	#value(value: unknown): void {
		this.#keep(typeof value === "string" ? value.length : 0);
		const inside = this.#inside;
		if (inside === undefined) {
			this.#document = value;
			this.#expect = "nothing";
			return;
		}
		if (inside.kind === "array") inside.value.push(value);
		else if (inside.key !== undefined)
			// Not by assignment: a key `__proto__` is a key like any other.
			Object.defineProperty(inside.value, inside.key, {
				value,
				enumerable: true,
				configurable: true,
				writable: true,
			});
		this.#expect = "comma or end";
	}

	#keep(length: number): void {
		this.#kept += valueLength + length;
		if (this.#kept > this.#keptMax)
			throw new RangeError(
				`more than ${this.#keptMax} characters of JSON that nobody asked for`,
			);
	}

	#path(): string {
		const inside = this.#inside;
		if (inside === undefined) return "";
		const step = inside.kind === "array" ? "*" : (inside.key ?? "");
		return inside.path === "" ? step : `${inside.path}.${step}`;
	}

	get #inside(): Container | undefined {
		return this.#stack.at(-1);
	}

	#mustBeValue(): void {
		this.#must(this.#expect === "value" || this.#expect === "value or end");
	}

	#must(isRight: boolean): void {
		if (!isRight) throw new SyntaxError("not JSON");
	}
}
