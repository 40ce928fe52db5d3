/** A department: where customers send a ticket (contract 6.1). */
export interface Department {
	/** Stable, lower case with hyphens; the only name by which tickets know it. */
	readonly slug: string;
	/** What the first generation knows it by. */
	readonly number: number;
	readonly displayName: string;
	readonly description: string | null;
	readonly email: string | null;
	/** False for one that takes no new tickets and is not listed to customers any more. */
	readonly isOpen: boolean;
}

/** Letters and digits in lower case, joined by single hyphens. */
export const slugPattern = "^[a-z0-9]+(-[a-z0-9]+)*$";

export const slugLengthMax = 64;

const form = new RegExp(slugPattern);

export function isDepartmentSlug(text: string): boolean {
	return text.length <= slugLengthMax && form.test(text);
}
