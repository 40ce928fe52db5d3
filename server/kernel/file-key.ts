/** Keys of stored files: made by us, of random digits alone, so that nothing anybody sent stands in a path or an address. */

/** `ab/abcdef…`: the first part spreads a million files over 256 folders, for file systems that mind. */
const form = /^([0-9a-f]{2})\/\1[0-9a-f]{30}$/;

/** A new key: 128 random bits. */
export function newFileKey(): string {
	let hex = "";
	for (const byte of crypto.getRandomValues(new Uint8Array(16)))
		hex += byte.toString(16).padStart(2, "0");
	return `${hex.slice(0, 2)}/${hex}`;
}

export function isFileKey(text: string): boolean {
	return form.test(text);
}
