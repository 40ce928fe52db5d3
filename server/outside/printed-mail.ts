/** Mail where no server for it is configured: printed for the operator, who passes it on. */
import type { Mailer } from "./outside.ts";

/** @param print where the operator reads; never a log, since mail may hold links that sign somebody in */
export function createPrintedMail(print: (text: string) => void): Mailer {
	return {
		async send({ to, subject, text }, signal) {
			signal.throwIfAborted();
			const lines = text.trimEnd().split("\n");
			print(
				[
					"",
					"  SMTP_URL is not set, so this mail was not sent:",
					"",
					`  To: ${to}`,
					`  Subject: ${subject}`,
					"",
					...lines.map((line) => `  ${line}`),
					"",
				].join("\n"),
			);
		},
		check: async () => "none: mail is printed for the operator",
	};
}
