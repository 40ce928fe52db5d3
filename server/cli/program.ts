/** Every command with its help. */
import { Command } from "commander";
import { addAllowlist } from "./allowlist.ts";
import { addAttachments } from "./attachments.ts";
import { addBackup } from "./backup.ts";
import { addConfig } from "./config.ts";
import { addDemo } from "./demo.ts";
import { addDoctor } from "./doctor.ts";
import { addEdge } from "./edge.ts";
import { addImport } from "./import.ts";
import { addJobs } from "./jobs.ts";
import { addKeys } from "./keys.ts";
import { addMigrate } from "./migrate.ts";
import { addRestore } from "./restore.ts";
import { addSeal } from "./seal.ts";
import { addServe } from "./serve.ts";
import { addStaffCommand } from "./staff.ts";
import { addVerifyReceipt } from "./verify-receipt.ts";
import { readVersion } from "./version.ts";
import { addWork } from "./work.ts";

/** The whole of `postern`, ready to parse. */
export function createProgram(): Command {
	const program = new Command("postern")
		.description("The gate and the help desk of a hosting provider.")
		.version(readVersion())
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
		addConfig,
		addImport,
		addBackup,
		addRestore,
		addAllowlist,
		addAttachments,
		addEdge,
		addJobs,
		addSeal,
		addKeys,
		addStaffCommand,
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
