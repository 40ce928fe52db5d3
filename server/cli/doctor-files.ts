/** What the doctor looks at outside the database: where attachments are kept, what scans them, and what takes mail. */
import type { Config } from "../config.ts";
import { StartFailure } from "../platform/start-failure.ts";
import type { Checks } from "./doctor-checks.ts";
import { filePortsFor, scannerFor } from "./files-at.ts";
import { mailerFor } from "./mailer-at.ts";

const withinMs = 10_000;

export function fileChecks(config: Config): Checks {
	return {
		attachments: () => checkStorage(config),
		scanner: () => checkScanner(config),
		mail: () => checkMail(config),
	};
}

async function checkStorage(config: Config): Promise<string> {
	try {
		const { storage } = await filePortsFor(config);
		return await storage.check(AbortSignal.timeout(withinMs));
	} catch (cause) {
		const where =
			config.s3.bucket === undefined
				? "Give this user the folder, or choose another POSTERN_ATTACHMENTS_DIR."
				: "Look at the POSTERN_S3_… options, and at the rights of the key.";
		throw new StartFailure(
			`attachments cannot be kept (${wordsOf(cause)}). ${where}`,
			{ cause },
		);
	}
}

async function checkScanner(config: Config): Promise<string> {
	const scanner = scannerFor(config);
	if (scanner === undefined) return "none: attachments are taken unscanned";
	try {
		return await scanner.check(AbortSignal.timeout(withinMs));
	} catch (cause) {
		throw new StartFailure(
			`clamd does not answer (${wordsOf(cause)}). Start it, or correct POSTERN_CLAMD: until then nobody can use what is uploaded.`,
			{ cause },
		);
	}
}

async function checkMail(config: Config): Promise<string> {
	try {
		const mailer = await mailerFor(config);
		return await mailer.check(AbortSignal.timeout(withinMs));
	} catch (cause) {
		throw new StartFailure(
			`the mail server does not take mail (${wordsOf(cause)}). Start it, or correct SMTP_URL: until then nobody gets a link to sign in.`,
			{ cause },
		);
	}
}

function wordsOf(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}
