/** The `postern` command: the only place where everything is put together. */
import { Command } from "commander";
import { addAllowlist } from "./cli/allowlist.ts";
import { addBackup } from "./cli/backup.ts";
import { addConfig } from "./cli/config.ts";
import { addDemo } from "./cli/demo.ts";
import { addDoctor } from "./cli/doctor.ts";
import { addImport } from "./cli/import.ts";
import { addJobs } from "./cli/jobs.ts";
import { addKeys } from "./cli/keys.ts";
import { addMigrate } from "./cli/migrate.ts";
import { addRestore } from "./cli/restore.ts";
import { addServe } from "./cli/serve.ts";
import { addStaffCommand } from "./cli/staff.ts";
import { addVerifyReceipt } from "./cli/verify-receipt.ts";
import { readVersion } from "./cli/version.ts";
import { addWork } from "./cli/work.ts";
import { Refusal } from "./kernel/errors.ts";
import { errorCode, StartFailure } from "./platform/start-failure.ts";

const program = new Command("postern")
	.description("The gate and the help desk of a hosting provider.")
	.version(readVersion())
	.showHelpAfterError("(postern --help shows what there is)");

for (const add of [
	addServe,
	addWork,
	addMigrate,
	addDoctor,
	addConfig,
	addImport,
	addBackup,
	addRestore,
	addAllowlist,
	addJobs,
	addKeys,
	addStaffCommand,
	addVerifyReceipt,
	addDemo,
])
	add(program);

// Whoever reads our output may have seen enough of it (`| head`).
process.stdout.on("error", (error) => {
	if (errorCode(error) !== "EPIPE") throw error;
	process.exit();
});

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
