/** `nft` for a driver that is to work in a namespace of the lab, while everything else of the agent stays outside. */
import { join } from "node:path";
import type { Namespace } from "../lab/namespace.ts";
import { putProgram } from "./put-program.ts";

/** Writes a program that is nft in there, and gives its path. */
export function nftIn(space: Namespace, folder: string): string {
	const path = join(folder, "nft");
	const words = space.enter.map((word) => `'${word}'`).join(" ");
	putProgram(path, `#!/bin/sh\nexec ${words} nft "$@"\n`);
	return path;
}
