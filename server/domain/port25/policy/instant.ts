/** A day of a policy: always 24 hours of UTC, so that the same facts give the same age everywhere. */
export const dayMs = 86_400_000;
export const minuteMs = 60_000;

const isoInstant =
	/^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;

/**
 * Reads an instant as the contract writes it (contract 1): `2026-04-27T11:45:00.000Z`, the milliseconds
 * optional. Total: undefined for anything else, also for a day that its month does not have.
 *
 * @returns milliseconds since 1970
 */
export function parseInstant(text: unknown): number | undefined {
	const parts = typeof text === "string" ? isoInstant.exec(text) : null;
	if (parts === null) return undefined;
	const [whole, year, month, day] = parts;
	// Date.parse lets the 31st of a short month run over into the next one.
	if (Number(day) > daysInMonth(Number(year), Number(month))) return undefined;
	return Date.parse(whole);
}

function daysInMonth(year: number, month: number): number {
	if (month === 2) return isLeapYear(year) ? 29 : 28;
	return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
	return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
