/**
 * What no body may hold, whatever its schema: text that cannot be stored and given back (NUL, lone surrogates), numbers
 * that JavaScript does not hold exactly, and shapes made to exhaust a reader. Looked for before validation, so that
 * everything behind can rely on it.
 */
import type { Fault } from "../kernel/errors.ts";
import { isCleanText } from "../kernel/text.ts";
import { pointerTo, shownName } from "./pointers.ts";

const depthMax = 32;
const valuesMax = 10_000;
const fieldNameMax = 255;

/** The first thing wrong in a body read from JSON, or undefined. Recursion ends at `depthMax`. */
export function uncleanPart(body: unknown): Fault | undefined {
	const path: string[] = [];
	let values = 0;

	function visit(value: unknown): Fault | undefined {
		values += 1;
		if (values > valuesMax)
			return {
				pointer: "",
				detail: `The request body may hold at most ${valuesMax.toLocaleString("en")} values.`,
			};
		if (typeof value === "string")
			return isCleanText(value) ? undefined : fault(uncleanText);
		if (typeof value === "number")
			return isExact(value) ? undefined : fault(tooLarge);
		if (typeof value !== "object" || value === null) return undefined;
		if (path.length >= depthMax)
			return fault(`is nested too deeply; ${depthMax} levels are the most.`);
		return visitParts(value);
	}

	function visitParts(value: object): Fault | undefined {
		// Entries of an array are named by their index; nothing inherited is looked at.
		for (const [name, part] of Object.entries(value)) {
			if (name === "__proto__")
				return fault("must not have a field of the name `__proto__`.");
			if (name.length > fieldNameMax || !isCleanText(name))
				return {
					pointer: pointerTo(path),
					detail: `The name of a field is clean text of at most ${fieldNameMax} characters.`,
				};
			path.push(name);
			const found = visit(part);
			if (found !== undefined) return found;
			path.pop();
		}
		return undefined;
	}

	function fault(what: string): Fault {
		return {
			pointer: pointerTo(path),
			detail: `\`${shownName(path)}\` ${what}`,
		};
	}

	return visit(body);
}

const uncleanText = "must not contain NUL or unpaired surrogates.";
const tooLarge = "is a larger number than can be kept exactly.";

function isExact(value: number): boolean {
	return (
		Number.isFinite(value) &&
		(!Number.isInteger(value) || Number.isSafeInteger(value))
	);
}
