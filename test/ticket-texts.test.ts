/** What customers write comes back byte for byte, whatever it is, as long as it may be (contract 14.21). */
import { beforeAll, describe, expect, test } from "vitest";
import { answerTicket } from "../server/domain/tickets/answer-ticket.ts";
import { lengthMax, textBytesMax } from "../server/domain/tickets/ticket.ts";
import { type Answer, inject } from "./answers.ts";
import { type Member, useStage } from "./stage.ts";

const stage = useStage();
let member: Member;

beforeAll(async () => {
	member = await stage.addMember("prepaid");
});

function send(method: "GET" | "POST", url: string, payload?: string) {
	return inject(stage.app, {
		method,
		url,
		headers: {
			authorization: `Bearer ${member.key.text}`,
			...(payload !== undefined && { "content-type": "application/json" }),
		},
		...(payload !== undefined && { payload }),
	});
}

const path = "/api/v2/support/tickets";

const create = (texts: { subject?: string; message: string }) =>
	send(
		"POST",
		path,
		JSON.stringify({ departmentSlug: "vps", subject: "Texts", ...texts }),
	);

interface Body {
	readonly id: string;
	readonly body: string;
	readonly subject: string;
	readonly messageCount: number;
	readonly messages: readonly { readonly body: string }[];
}

const bodyOf = ({ body }: Answer) => body as Body;

/** So that a difference of a megabyte is not printed. */
function expectSame(given: string | undefined, wanted: string): void {
	expect(given?.length).toBe(wanted.length);
	expect(given === wanted).toBe(true);
}

/** Every character there is but NUL and the surrogates, in texts as long as a message may be. */
function* allCharacters(): Generator<string> {
	let text = "";
	let length = 0;
	for (let point = 1; point <= 0x10_ff_ff; point += 1) {
		if (point >= 0xd8_00 && point <= 0xdf_ff) continue;
		text += String.fromCodePoint(point);
		length += 1;
		if (length < lengthMax.message) continue;
		yield text;
		[text, length] = ["", 0];
	}
	yield text;
}

/** Every character as JSON can also write it. */
function escaped(text: string): string {
	return text.replace(
		/[\s\S]/g,
		(unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);
}

describe("a message of 65,535 characters", () => {
	test("comes back as it was sent, whatever characters they are", async () => {
		let texts = 0;
		for (const text of allCharacters()) {
			const created = await create({ message: text });
			expect(created.status).toBe(201);
			const { id, body } = bodyOf(created);
			expectSame(body, text);
			const replied = await send(
				"POST",
				`${path}/${id}/messages`,
				JSON.stringify({ message: text }),
			);
			expect(replied.status).toBe(201);
			expectSame(bodyOf(replied).body, text);
			const read = bodyOf(await send("GET", `${path}/${id}`));
			expectSame(read.body, text);
			expectSame(read.messages[0]?.body, text);
			texts += 1;
		}
		expect(texts).toBe(17);
	}, 120_000);

	test("comes back as it was sent when it is sealed", async () => {
		const { id } = bodyOf(await create({ message: "Hello." }));
		const texts = [...allCharacters()].slice(0, 3);
		for (const text of texts) {
			const sealed = JSON.stringify({ message: text, encrypted: true });
			const replied = await send("POST", `${path}/${id}/messages`, sealed);
			expect(replied.status).toBe(201);
			expectSame(bodyOf(replied).body, text);
		}
		const read = bodyOf(await send("GET", `${path}/${id}`));
		for (const [i, text] of texts.entries())
			expectSame(read.messages[i]?.body, text);
	});

	test("may be sent with every character escaped", async () => {
		const text = "\u{1f993}".repeat(lengthMax.message);
		const payload = `{"departmentSlug":"vps","subject":"\\u0041","message":"${escaped(text)}"}`;
		expect(payload.length).toBeGreaterThan(780_000);
		const created = await send("POST", path, payload);
		expect(created.status).toBe(201);
		expectSame(bodyOf(created).body, text);
	});

	test("is the longest: one character more is refused, however wide they are", async () => {
		for (const character of ["a", "å", "\u20ac", "\u{1f993}"]) {
			const message = character.repeat(lengthMax.message);
			expect((await create({ message })).status).toBe(201);
			const { status, body } = await create({ message: message + character });
			expect([status, Object(body).errors?.[0]?.pointer]).toEqual([
				400,
				"/message",
			]);
		}
	});
});

describe("a text", () => {
	test.each([
		["white space around it", "  \t\r\n Hello \u00a0\u3000\n"],
		["a byte order mark", "\ufeffHello"],
		["line ends of three sorts", "a\nb\r\nc\rd\u2028e\u2029f\u0085g"],
		["letters that are composed in two ways", "\u00e5 a\u030a \u212b"],
		[
			"marks of direction and joiners",
			"\u202eabc\u202c \u200d\u200c\u2066x\u2069",
		],
		["a family of seven characters", "👨‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍🚀"],
		["what is no character", "\ufffe\uffff\u{1ffff}\ufdd0 \ufffd"],
		["controls", "\u0001\u0008\u000b\u000c\u001b[31m\u007f\u009f"],
		[
			"quotes, backslashes and markup",
			`"'\\\\n \\u0000 <script>&amp;</script> $1 %s {{x}}`,
		],
		["a lot of marks on one letter", `Z${"\u0351\u036d\u0489".repeat(1_000)}`],
	])("with %s is kept as it is", async (_, text) => {
		const { id, body } = bodyOf(await create({ message: text }));
		expectSame(body, text);
		expectSame(bodyOf(await send("GET", `${path}/${id}`)).body, text);
	});

	test("in the subject is kept as it is, up to 255 characters", async () => {
		const subject = `${"\u{1f993}".repeat(200)} \u202e a\u030a ${"\ufeff".repeat(48)}\n`;
		expect([...subject]).toHaveLength(255);
		const created = await create({ subject, message: "Hello." });
		expect(created.status).toBe(201);
		expectSame(bodyOf(created).subject, subject);
		const longer = await create({ subject: `${subject}x`, message: "Hello." });
		expect(longer.status).toBe(400);
	});
});

test("a ticket that is full takes no more of its customer, and an answer of the staff", async () => {
	const message = "\u{1f993}".repeat(lengthMax.message);
	const bytes = Buffer.byteLength(message);
	const { id } = bodyOf(await create({ message }));
	const reply = (text: string) =>
		send("POST", `${path}/${id}/messages`, JSON.stringify({ message: text }));
	const subjectBytes = Buffer.byteLength("Texts");
	const fitting = Math.floor((textBytesMax - subjectBytes) / bytes);
	expect(fitting).toBe(16);
	for (let i = 1; i < fitting; i += 1)
		expect((await reply(message)).status).toBe(201);
	const refused = await reply(message);
	expect([refused.status, Object(refused.body).code]).toEqual([
		409,
		"ticket_full",
	]);
	const rest = textBytesMax - subjectBytes - fitting * bytes;
	expect((await reply("x".repeat(rest + 1))).status).toBe(409);
	expect((await reply("x".repeat(rest))).status).toBe(201);
	expect((await reply("x")).status).toBe(409);
	await stage.db.performer.perform(stage.staff.actor, answerTicket, {
		ticket: id,
		message: "Please open a new one.",
	});
	const read = bodyOf(await send("GET", `${path}/${id}`));
	expect(read.messageCount).toBe(fitting + 2);
	expect(read.messages.at(-1)?.body).toBe("Please open a new one.");
});
