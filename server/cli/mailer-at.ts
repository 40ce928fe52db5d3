/** Where mail goes. */
import type { Config } from "../config.ts";
import type { Mailer } from "../outside/outside.ts";
import { createPrintedMail } from "../outside/printed-mail.ts";

/** To the server that is configured, else to whoever runs this process. */
export async function mailerFor({ mail }: Config): Promise<Mailer> {
	const { smtpUrl, from } = mail;
	if (smtpUrl === undefined || from === undefined)
		return createPrintedMail((text) => process.stderr.write(text));
	// Loaded only when it is wanted.
	const { createSmtp } = await import("../outside/smtp.ts");
	return createSmtp(smtpUrl.reveal(), from);
}
