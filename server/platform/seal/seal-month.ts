/** Months, as seal keys are named after them: of UTC, written `2026-11`. */

/** `YYYY-MM`, from 1970-01 to 9999-12; sorts as text. */
export type Month = `${number}-${string}`;

const form = /^(?:19[7-9]\d|[2-9]\d{3})-(?:0[1-9]|1[0-2])$/;

export function isMonth(text: string): text is Month {
	return form.test(text);
}

/** The month of a moment from 1970 on. */
export function monthOf(at: Date): Month {
	return monthFromCount((at.getUTCFullYear() - 1970) * 12 + at.getUTCMonth());
}

/** So many months later. */
export function monthsAfter(month: Month, months: number): Month {
	return monthFromCount(countOf(month) + months);
}

/** Months since January 1970: two bytes hold it until the year 7431. */
export function countOf(month: Month): number {
	return (Number(month.slice(0, 4)) - 1970) * 12 + Number(month.slice(5)) - 1;
}

export function monthFromCount(count: number): Month {
	const year = 1970 + Math.floor(count / 12);
	return `${year}-${String((count % 12) + 1).padStart(2, "0")}`;
}
