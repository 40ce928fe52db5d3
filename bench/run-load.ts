import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LoadPlan, LoadResult } from "./load.ts";

/** Runs the load in a process of its own. Throws when an answer was not the one expected: its figures would say nothing. */
export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
	const { stdout } = await promisify(execFile)(
		process.execPath,
		[join(import.meta.dirname, "load.ts"), JSON.stringify(plan)],
		{ timeout: (plan.warmUpS + plan.measureS + 60) * 1000 },
	);
	const result: LoadResult = JSON.parse(stdout);
	if (result.refused > 0)
		throw new Error(
			`${plan.shape}: ${result.refused} of ${result.answers} answers were refusals, such as ${result.refusal}`,
		);
	return result;
}
