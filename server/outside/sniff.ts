import { fileTypeFromBuffer } from "file-type";
import type { Sniff } from "./outside.ts";

/** Only ever sees the head of a file, so what it may unpack to look into a ZIP's first entries is bounded by that. */
export const sniff: Sniff = async (head) =>
	(await fileTypeFromBuffer(head))?.mime;
