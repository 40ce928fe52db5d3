/** The version of this Postern, as its package says. */
import { readFileSync } from "node:fs";

export function readVersion(): string {
	const url = new URL("../../package.json", import.meta.url);
	const read: unknown = JSON.parse(readFileSync(url, "utf8"));
	const version =
		typeof read === "object" && read !== null && "version" in read
			? read.version
			: undefined;
	return typeof version === "string" ? version : "unknown";
}
