/** Every command with its help. */
import { Command } from "commander";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { addKeys } from "./keys.ts";
import { addMigrate } from "./migrate.ts";
import { addServe } from "./serve.ts";
import { addVerifyReceipt } from "./verify-receipt.ts";
import { addWork } from "./work.ts";

/** The whole of `postern`, ready to parse. */
export function createProgram(): Command {
	const program = new Command("postern")
		.description("The gate and the help desk of a hosting provider.")
		.configureOutput({
			outputError: (text, write) =>
				write(text.replace(/^error: /, "postern: ")),
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
	return program;
}

/** After a command that was not understood: where its help is. */
function pointToHelp(command: Command, words: string): void {
	command.showHelpAfterError(`See: ${words} --help`);
	for (const child of command.commands)
		pointToHelp(child, `${words} ${child.name()}`);
}
