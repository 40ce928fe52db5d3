/** What stands in the kernel, found by connecting with every address of both customers. */
import { expect } from "vitest";
import { judge } from "./matrix.ts";
import type { Lab } from "./topology.ts";

/** Fails when anything is otherwise than with these addresses approved; else says so in words of the table. */
export async function stands(
	lab: Lab,
	allowed: readonly string[],
	refusal: "refused" | "silent" = "refused",
): Promise<string> {
	const { wrong } = await judge(lab, allowed, refusal);
	expect(wrong).toEqual([]);
	return allowed.length === 0
		? "everything closed"
		: `${allowed.length} approved open, all else closed`;
}
