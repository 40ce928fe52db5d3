import { expect, onTestFinished, test } from "vitest";
import { startSmtp } from "../../test/smtp.ts";
import type { OutgoingMail } from "./outside.ts";
import { createPrintedMail } from "./printed-mail.ts";
import { createSmtp } from "./smtp.ts";

const mail: OutgoingMail = {
	to: "kund@example.com",
	subject: "Din länk",
	text: "Hej!\n\nhttps://support.example.com/sign-in/link?token=abc\n",
};
const from = "Support <support@example.com>";

async function given(
	...args: Parameters<typeof startSmtp>
): ReturnType<typeof startSmtp> {
	const server = await startSmtp(...args);
	onTestFinished(() => server.close());
	return server;
}

const soon = () => AbortSignal.timeout(5_000);

test("gives a mail to the server as it is, and says that no absence is answered to it", async () => {
	const server = await given();
	const smtp = createSmtp(`smtp://127.0.0.1:${server.port}`, from);
	await smtp.send(mail, soon());
	const [taken] = server.taken;
	expect(taken).toMatchObject({
		from: "support@example.com",
		to: ["kund@example.com"],
	});
	expect(taken?.text).toContain("From: Support <support@example.com>");
	expect(taken?.text).toContain("Auto-Submitted: auto-generated");
	expect(taken?.text).toContain("/sign-in/link?token=abc");
	expect(await smtp.check(soon())).toContain("takes mail");
});

test("adds no recipient and no header, whatever the address and the subject hold", async () => {
	const server = await given();
	const smtp = createSmtp(`smtp://127.0.0.1:${server.port}`, from);
	await smtp
		.send(
			{
				to: "a@example.com, b@evil.example",
				subject: "x\r\nBcc: c@evil.example",
				text: "x",
			},
			soon(),
		)
		.catch(() => {});
	for (const { to, text } of server.taken) {
		expect(to.length).toBeLessThanOrEqual(1);
		expect(text).not.toMatch(/^Bcc:/m);
	}
});

test("fails when the server says no, and when nobody answers", async () => {
	const server = await given({}, () => "try later");
	const smtp = createSmtp(`smtp://127.0.0.1:${server.port}`, from);
	await expect(smtp.send(mail, soon())).rejects.toThrow("try later");
	const nobody = createSmtp("smtp://127.0.0.1:1", from);
	await expect(nobody.send(mail, soon())).rejects.toThrow(/ECONNREFUSED/);
	await expect(nobody.check(soon())).rejects.toThrow(/ECONNREFUSED/);
});

test("repeats no address that the server says no about", async () => {
	const server = await given({
		onRcptTo: ({ address }, _session, done) =>
			done(new Error(`no such user: <${address}>`)),
	});
	const smtp = createSmtp(`smtp://127.0.0.1:${server.port}`, from);
	const failed: unknown = await smtp.send(mail, soon()).catch((error) => error);
	expect(String(failed)).toContain("no such user: <…@…>");
	expect(
		JSON.stringify(failed, Object.getOwnPropertyNames(failed)),
	).not.toContain(mail.to);
});

test("gives up a server that never speaks when it is told to", async () => {
	const server = await given({ onConnect: () => {} });
	const smtp = createSmtp(`smtp://127.0.0.1:${server.port}`, from);
	await expect(smtp.send(mail, AbortSignal.timeout(300))).rejects.toMatchObject(
		{ name: "TimeoutError" },
	);
});

test("says its password over no open line, also when the server would take it", async () => {
	const server = await given({ allowInsecureAuth: true });
	const smtp = createSmtp(
		`smtp://postern:not-a-secret@127.0.0.1:${server.port}`,
		from,
	);
	await expect(smtp.send(mail, soon())).rejects.toThrow();
	expect(server.logins).toEqual([]);
	expect(server.taken).toEqual([]);
});

test("without a server it is printed, all of it", async () => {
	const printed: string[] = [];
	const mailer = createPrintedMail((text) => printed.push(text));
	await mailer.send(mail, soon());
	expect(printed.join("")).toContain("To: kund@example.com");
	expect(printed.join("")).toContain(
		"https://support.example.com/sign-in/link?token=abc",
	);
});
