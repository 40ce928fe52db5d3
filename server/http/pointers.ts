/** Where in a request something is: JSON Pointers (RFC 6901), and the names that sentences use. */

const shownNameMax = 64;

/** The pointer to a place in the body: `/items/0/domainName`; the empty pointer is the whole body. */
export function pointerTo(path: readonly string[]): string {
	return path
		.map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`)
		.join("");
}

/** The path that a pointer names. */
export function pathFrom(pointer: string): string[] {
	return pointer
		.split("/")
		.slice(1)
		.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A place as sentences name it: the last field's name, with the indexes behind it: `ccEmails[2]`. */
export function shownName(path: readonly string[]): string {
	const last = path.findLastIndex((name) => !/^\d+$/.test(name));
	const indexes = path.slice(last + 1).map((index) => `[${index}]`);
	const name = `${path[last] ?? "body"}${indexes.join("")}`;
	return name.length > shownNameMax ? `${name.slice(0, shownNameMax)}…` : name;
}
