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
import { isUnreachable } from "./platform/db.ts";
import { errorCode, StartFailure } from "./platform/start-failure.ts";

const program = new Command("postern")
	.description("The gate and the help desk of a hosting provider.")
	.configureOutput({
		outputError: (text, write) => write(text.replace(/^error: /, "postern: ")),
	})
	.addHelpText(
		"after",
		"\nThe environment configures it: docs/configuration.md lists every variable.",
	);

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
pointToHelp(program, "postern");

// Whoever reads us (`postern keys list | head`) may have seen enough.
process.stdout.on("error", (error) => {
	if (errorCode(error) !== "EPIPE") throw error;
	process.exit();
});

try {
	await program.parseAsync();
} catch (error) {
	// Expected: one line that says what to do. Anything else is a bug and shows where it was.
	if (error instanceof StartFailure) fail(error.message, error.detail);
	else if (error instanceof Refusal) fail(wordsOf(error));
	else if (isUnreachable(error))
		fail("The database went away. Look why it did, then try again.");
	else throw error;
}

function wordsOf({ faults, detail }: Refusal): string {
	return faults.length > 0
		? faults.map((fault) => fault.detail).join("\n")
		: detail;
}

function fail(message: string, detail?: string): void {
	for (const line of message.split("\n"))
		process.stderr.write(`postern: ${line}\n`);
	if (detail !== undefined) process.stderr.write(`${detail}\n`);
	process.exitCode = 1;
}

/** After a command that was not understood: where its help is. */
function pointToHelp(command: Command, words: string): void {
	command.showHelpAfterError(`See: ${words} --help`);
	for (const child of command.commands)
		pointToHelp(child, `${words} ${child.name()}`);
}
