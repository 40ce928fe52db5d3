/** What happens after somebody asked for a link by mail. */
import { system } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import type { Mailer } from "../../outside/outside.ts";
import type { Reactions } from "../../platform/outbox.ts";
import type { JobContext, JobHandler } from "../../platform/worker.ts";
import { issuePass } from "./issue-pass.ts";
import { addresseesOf } from "./request-sign-in-mail.ts";
import { signInMail } from "./sign-in-mail.ts";
import { type Addressee, passMinutes } from "./sign-in-pass.ts";

/** What sending links takes. */
export interface MailPorts {
	readonly mailer: Mailer;
	/** Read at each use: it may become known only when the port is. */
	readonly publicUrl: () => string;
}

/** Less than a worker may hold a job. */
const outsideMs = 30_000;

const worker = system("worker");

export const afterMailRequest: Reactions = (event) =>
	event.kind === "session.mail_requested"
		? [{ kind: "mail-sign-in-link", payload: { mailId: event.subject } }]
		: [];

export function signInJobs(ports: MailPorts): readonly JobHandler[] {
	return [
		{
			kind: "mail-sign-in-link",
			// At growing distances: longer than a link would be good.
			attemptsMax: 6,
			async run({ mailId }, context) {
				assert(typeof mailId === "string", "the payload names a mail");
				const found = await context.ask(worker, addresseesOf, { mailId });
				const byAddress = Map.groupBy(found, ({ email }) => email);
				for (const [email, clients] of byAddress)
					await mailLinks(ports, context, { email, clients });
			},
		},
	];
}

/**
 * The passes are there before the mail goes out. When it does not, the next attempt makes others; those of this one are never
 * seen by anybody.
 */
async function mailLinks(
	{ mailer, publicUrl }: MailPorts,
	{ perform, signal }: JobContext,
	to: { readonly email: string; readonly clients: readonly Addressee[] },
): Promise<void> {
	const links = [];
	for (const { id, name } of to.clients) {
		const pass = { holder: { clientId: id }, how: "email" } as const;
		const { token } = await perform(worker, issuePass, pass);
		links.push({ name, url: `${publicUrl()}/sign-in/link?token=${token}` });
	}
	const [first] = to.clients;
	const words = signInMail(
		first?.languageCode ?? null,
		links,
		passMinutes.email,
	);
	const within = AbortSignal.any([signal, AbortSignal.timeout(outsideMs)]);
	await mailer.send({ to: to.email, ...words }, within);
}
