/** A real SMTP server on loopback, which keeps what it is given. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface TakenMail {
	readonly from: string;
	readonly to: readonly string[];
	/** Header and body as they came, soft line breaks of quoted-printable taken out. */
	readonly text: string;
}

export interface SmtpServer {
	readonly port: number;
	readonly taken: readonly TakenMail[];
	/** Logins that were tried, with their passwords. */
	readonly logins: readonly string[];
	/** Resolves with the next mail. */
	next(): Promise<TakenMail>;
	close(): Promise<void>;
}

/**
 * Without STARTTLS unless the options say otherwise.
 *
 * @param refuse when it gives a text, mail is refused with it
 */
export async function startSmtp(
	options: SMTPServerOptions = {},
	refuse: () => string | undefined = () => undefined,
): Promise<SmtpServer> {
	const taken: TakenMail[] = [];
	const logins: string[] = [];
	let waiting: ((mail: TakenMail) => void)[] = [];
	const server = new SMTPServer({
		authOptional: true,
		// Whoever is still connected is cut off soon.
		closeTimeout: 200,
		disabledCommands: ["STARTTLS"],
		onAuth({ username = "", password = "" }, _session, done) {
			logins.push(`${username} ${password}`);
			done(null, { user: username });
		},
		onData(stream, { envelope }, done) {
			const parts: Buffer[] = [];
			stream.on("data", (part: Buffer) => parts.push(part));
			stream.on("end", () => {
				const no = refuse();
				if (no !== undefined) {
					done(Object.assign(new Error(no), { responseCode: 451 }));
					return;
				}
				const text = Buffer.concat(parts).toString("utf8");
				const mail: TakenMail = {
					from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
					to: envelope.rcptTo.map(({ address }) => address),
					text: text.replace(/=\r\n/g, "").replace(/=3D/g, "="),
				};
				taken.push(mail);
				const those = waiting;
				waiting = [];
				for (const go of those) go(mail);
				done();
			});
		},
		...options,
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.server.address() as AddressInfo;
	return {
		port,
		taken,
		logins,
		next: () => new Promise((resolve) => waiting.push(resolve)),
		close: () => new Promise((resolve) => server.close(() => resolve())),
	};
}
