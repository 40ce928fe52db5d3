/** The `postern` command: the only place where everything is put together. */
import { createProgram } from "./cli/program.ts";
import { Refusal } from "./kernel/errors.ts";
import { isUnreachable } from "./platform/db.ts";
import { errorCode, StartFailure } from "./platform/start-failure.ts";

// Whoever reads us (`postern keys list | head`) may have seen enough.
process.stdout.on("error", (error) => {
	if (errorCode(error) !== "EPIPE") throw error;
	process.exit();
});

try {
	await createProgram().parseAsync();
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
