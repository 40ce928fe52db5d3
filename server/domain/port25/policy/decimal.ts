/**
 * A decimal number of any size, exact: money never passes through a floating-point number. `whole` has no leading
 * and `fraction` no trailing zeros, both may be empty, and zero has no sign: equal numbers look alike.
 */
export type Decimal = {
	readonly isNegative: boolean;
	readonly whole: string;
	readonly fraction: string;
};

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Reads a decimal as PostgreSQL writes a `numeric`: `500`, `499.99`, `-3.50`. Total: undefined for anything
 * else, also for exponents, a plus sign, a bare point, `NaN`, and for numbers that are not text.
 */
export function parseDecimal(text: unknown): Decimal | undefined {
	const parts = typeof text === "string" ? decimal.exec(text) : null;
	if (parts === null) return undefined;
	const [, sign, digits = "", decimals = ""] = parts;
	const whole = withoutLeadingZeros(digits);
	const fraction = withoutTrailingZeros(decimals);
	const isZero = whole === "" && fraction === "";
	return { isNegative: sign === "-" && !isZero, whole, fraction };
}

/** The shortest spelling: `500.00` → `500`, `12.50` → `12.5`, `0.00` → `0` (contract 9.1, `totalSpend`). */
export function formatDecimal({
	isNegative,
	whole,
	fraction,
}: Decimal): string {
	const sign = isNegative ? "-" : "";
	return `${sign}${whole === "" ? "0" : whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Whether `left` ≥ `right`, exactly. */
export function isAtLeast(left: Decimal, right: Decimal): boolean {
	if (left.isNegative !== right.isNegative) return right.isNegative;
	return left.isNegative ? reaches(right, left) : reaches(left, right);
}

/** The same for the sizes alone. Digits compare as text once both have equally many before the point. */
function reaches(left: Decimal, right: Decimal): boolean {
	if (left.whole.length !== right.whole.length) {
		return left.whole.length > right.whole.length;
	}
	if (left.whole !== right.whole) return left.whole > right.whole;
	return left.fraction >= right.fraction;
}

function withoutLeadingZeros(digits: string): string {
	let start = 0;
	while (digits.charAt(start) === "0") start += 1;
	return digits.slice(start);
}

/** A loop, since `/0+$/` takes quadratic time on long runs of zeros that do not end the text. */
function withoutTrailingZeros(digits: string): string {
	let end = digits.length;
	while (digits.charAt(end - 1) === "0") end -= 1;
	return digits.slice(0, end);
}
