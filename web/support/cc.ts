/** Addresses that get copies of a ticket, as people type them: with commas, blanks or lines between. */
export const ccMax = 10;

export function addressesIn(text: string): string[] {
	return text.split(/[\s,;]+/).filter((part) => part !== "");
}
