/** The `postern` command: the only place where everything is put together. */
import { Command } from "commander";
import { addDemo } from "./cli/demo.ts";
import { addDoctor } from "./cli/doctor.ts";
import { addKeys } from "./cli/keys.ts";
import { addMigrate } from "./cli/migrate.ts";
import { addServe } from "./cli/serve.ts";
import { addVerifyReceipt } from "./cli/verify-receipt.ts";
import { addWork } from "./cli/work.ts";
import { Refusal } from "./kernel/errors.ts";
import { StartFailure } from "./platform/start-failure.ts";

const program = new Command("postern")
	.description("The gate and the help desk of a hosting provider.")
	.showHelpAfterError("(postern --help shows what there is)");

for (const add of [
	addServe,
	addWork,
	addMigrate,
	addDoctor,
	addKeys,
	addVerifyReceipt,
	addDemo,
])
	add(program);

try {
	await program.parseAsync();
} catch (error) {
	// Expected: one line that says what to do. Anything else is a bug and shows where it was.
	if (error instanceof StartFailure) fail(error.message, error.detail);
	else if (error instanceof Refusal) fail(error.detail);
	else throw error;
}

function fail(message: string, detail?: string): void {
	process.stderr.write(`postern: ${message}\n`);
	if (detail !== undefined) process.stderr.write(`${detail}\n`);
	process.exitCode = 1;
}
