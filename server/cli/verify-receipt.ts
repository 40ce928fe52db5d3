/** `postern verify-receipt`: runs the stored policy on the stored facts again and says whether the verdict is the same. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { parsePolicyDocument } from "../domain/port25/policy/parse-policy.ts";
import { verifyReceipt } from "../domain/port25/policy/receipt.ts";
import { getReceipt } from "../domain/port25/read-requests.ts";
import { system } from "../kernel/actor.ts";
import { isId } from "../kernel/id.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { onDatabase, print, sayWhatIsMissing, shown } from "./command.ts";

export function addVerifyReceipt(program: Command): void {
	program
		.command("verify-receipt")
		.description(
			"decide a request again by its stored policy and facts, and compare with its receipt; exit code 1 when they differ",
		)
		.argument(
			"<request>",
			"the id of a request in the database (p25_…), or a file with the answer of GET /api/desk/port25-requests/{id}/receipt",
		)
		.action(async (request: string) => {
			const { policy, receipt } = isId("p25", request)
				? await onDatabase(({ performer }) =>
						performer
							.ask(system("cli"), getReceipt, { id: request })
							.catch(sayWhatIsMissing(`There is no request ${request}.`)),
					)
				: await readReceipt(request);
			const parsed = parsePolicyDocument(policy);
			const { differences } = parsed.ok
				? verifyReceipt(receipt, parsed.policy)
				: { differences: parsed.problems.map((text) => `policy: ${text}`) };
			if (differences.length === 0) {
				print("The same: the stored policy and facts give the stored verdict.");
				return;
			}
			print("NOT the same as the receipt says:");
			for (const difference of differences) print(`  ${difference}`);
			process.exitCode = 1;
		});
}

async function readReceipt(
	path: string,
): Promise<{ readonly policy: unknown; readonly receipt: unknown }> {
	const found = await parseFile(path);
	if (
		typeof found === "object" &&
		found !== null &&
		"policy" in found &&
		"receipt" in found
	)
		return found;
	throw new StartFailure(
		`${shown(path)} is no receipt. It must hold the answer of GET /api/desk/port25-requests/{id}/receipt.`,
	);
}

async function parseFile(path: string): Promise<unknown> {
	let text: string;
	try {
		text = await readFile(path, "utf8");
	} catch (cause) {
		throw new StartFailure(
			`${shown(path)} is neither the id of a request (p25_…) nor a file that can be read.`,
			{ cause },
		);
	}
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new StartFailure(`${shown(path)} is not JSON.`, { cause });
	}
}
