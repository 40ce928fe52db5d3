/**
 * White space, controls, and everything that is made to leave no mark: zero-width spaces and joiners, soft
 * hyphens, direction marks, variation selectors, Hangul fillers (all "default ignorable" in Unicode), and
 * the empty braille pattern.
 */
const nothingVisible =
	/^[\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/**
 * Whether a text can be stored and given back unchanged: well-formed Unicode without NUL.
 * PostgreSQL has no NUL in text, and a lone surrogate has no UTF-8 (contract 14.21).
 */
export function isCleanText(text: string): boolean {
	return text.isWellFormed() && !text.includes("\0");
}

/**
 * Whether a reader would see nothing at all (contract 14.21, 14.46). Zero-width characters count as blank:
 * a reason made of them tells a reviewer as little as an empty one. Only this test looks through them; what
 * is stored is what was sent.
 */
export function isBlank(text: string): boolean {
	return nothingVisible.test(text);
}

/**
 * The length in code points, the unit of every length limit of the contract (14.21, 14.46): an emoji
 * outside the basic plane counts once, a lone surrogate once.
 */
export function lengthInCodePoints(text: string): number {
	let length = 0;
	for (const _ of text) length += 1;
	return length;
}
