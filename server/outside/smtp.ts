/** Mail goes to one server, by SMTP. */
import { createTransport } from "nodemailer";
import type { Mailer } from "./outside.ts";
import { withinSignal } from "./within-signal.ts";

/** For each step of a conversation; the whole of it is bounded by the signal. */
const stepMs = 15_000;

/**
 * @param url `smtp://` (with STARTTLS where the server offers it) or `smtps://`, with user and password if it wants them
 * @param from who mail is from
 */
export function createSmtp(url: string, from: string): Mailer {
	const transport = () => createTransport({ ...optionsOf(new URL(url)) });
	return {
		async send({ to, subject, text }, signal) {
			const smtp = transport();
			try {
				await withinSignal(signal, () =>
					smtp.sendMail({
						from,
						to: { name: "", address: to },
						subject,
						text,
						// RFC 3834: nobody's absence is answered to it.
						headers: { "Auto-Submitted": "auto-generated" },
					}),
				);
			} catch (error) {
				throw signal.aborted ? error : nameless(error);
			} finally {
				smtp.close();
			}
		},
		async check(signal) {
			const smtp = transport();
			try {
				await withinSignal(signal, () => smtp.verify());
				return `${new URL(url).host} takes mail`;
			} finally {
				smtp.close();
			}
		},
	};
}

/** What the server said, without whom it said it of: errors are logged and kept, and servers repeat addresses. */
function nameless(error: unknown): Error {
	const text = error instanceof Error ? error.message : String(error);
	return new Error(text.replace(/[^\s<>@]+@[^\s<>@]+/g, "…@…"));
}

function optionsOf({ protocol, hostname, port, username, password }: URL) {
	const isImplicit = protocol === "smtps:";
	return {
		host: hostname.replace(/^\[(.+)\]$/, "$1"),
		port: port === "" ? (isImplicit ? 465 : 587) : Number(port),
		secure: isImplicit,
		// A password goes over no open line, whatever somebody between says about STARTTLS.
		requireTLS: username !== "",
		...(username !== "" && {
			auth: {
				user: decodeURIComponent(username),
				pass: decodeURIComponent(password),
			},
		}),
		connectionTimeout: stepMs,
		greetingTimeout: stepMs,
		socketTimeout: stepMs,
		// What is in a message is ours alone: no file is attached by its name, no address fetched.
		disableFileAccess: true,
		disableUrlAccess: true,
	};
}
