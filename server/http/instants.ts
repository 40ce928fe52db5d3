/** Instants in bodies and queries. The schema's `date-time` decides their form; what it lets through is not always a moment. */
import { refuseField } from "../kernel/errors.ts";
import { pathFrom, shownName } from "./pointers.ts";

/**
 * The moment that a text of the format `date-time` names, to the millisecond. A leap second has no place in the clock that
 * everything here is compared with.
 *
 * Refuses `request.invalid` at the pointer.
 */
export function instantFrom(
	text: string,
	pointer: `/${string}` | `?${string}`,
): Date {
	const at = new Date(text);
	if (Number.isNaN(at.getTime()))
		refuseField(
			pointer,
			`\`${nameOf(pointer)}\` must be an instant like 2026-04-27T11:45:00.000Z.`,
		);
	return at;
}

function nameOf(pointer: string): string {
	return pointer.startsWith("?")
		? pointer.slice(1)
		: shownName(pathFrom(pointer));
}
