import { describe, expect, test } from "vitest";
import { changeOf, positionOf, snapshotOf } from "../../test/agent/elements.ts";
import { FeedInvalid } from "../replica.ts";
import { EventStream } from "./event-stream.ts";
import {
	excerpt,
	parseChange,
	parseDocument,
	readChange,
	readPosition,
	readRefusalCode,
	readReset,
} from "./messages.ts";
import { readSnapshot } from "./read-snapshot.ts";

const some = [
	"192.0.2.10",
	"192.0.2.9",
	"2001:db8::a",
	"2001:db8:1:2::/64",
	"10.0.0.0/24",
];

async function* pieces(text: string, length: number) {
	const bytes = Buffer.from(text);
	for (let i = 0; i < bytes.length; i += length)
		yield bytes.subarray(i, i + length);
}

function read(document: unknown, length = 1_000) {
	return readSnapshot(pieces(JSON.stringify(document), length));
}

describe("a snapshot", () => {
	test.each([1, 7, 10_000])("is read in pieces of %d bytes", async (length) => {
		const found = await read(snapshotOf(some, 4), length);
		expect([...found.elements.texts()].sort()).toEqual(some.toSorted());
		expect(found.position).toEqual(positionOf(some, 4));
	});

	test("of nothing is one", async () => {
		expect((await read(snapshotOf([], 0))).elements.size).toBe(0);
	});

	const right = snapshotOf(some, 4);
	test.each([
		["a list", []],
		["a text", "snapshot"],
		["without a site", { ...right, site: undefined }],
		["a site that is no name", { ...right, site: "a\nb" }],
		["an epoch that is no name", { ...right, epoch: "" }],
		["a revision below zero", { ...right, rev: -1 }],
		["a revision that is no number", { ...right, rev: "4" }],
		["a revision that is too large to count", { ...right, rev: 2 ** 53 }],
		["more elements than are believed", { ...right, n: 2_000_001 }],
		[
			"a sum in capitals",
			{ ...right, sum: right.sum.toUpperCase().replace(/^./, "A") },
		],
		["another sum", { ...right, sum: "0".repeat(32) }],
		["another digest", { ...right, digest: "0".repeat(64) }],
		["another number", { ...right, n: 4 }],
		["without a list", { ...right, v6: undefined }],
		["a list that is none", { ...right, v6: "2001:db8::a" }],
		["elements that are no texts", { ...right, v4: [1, 2] }],
		["lists within lists", { ...right, v4: [["192.0.2.10"]] }],
		["an element of another list", { ...right, v4: ["2001:db8::a"] }],
		["an element out of order", { ...right, v4: right.v4.toReversed() }],
		["an element twice", { ...right, v4: ["192.0.2.10", "192.0.2.10"] }],
		["host bits", { ...right, nets: ["10.0.0.1/24"] }],
		["the whole of the Internet", { ...right, nets: ["0.0.0.0/0"] }],
		["mapped IPv4", { ...right, v6: ["::ffff:192.0.2.10"] }],
		["a command for nft", { ...right, v4: ["192.0.2.1 } ; flush ruleset"] }],
		["prefixes that are none", { ...right, prefixes: ["everything"] }],
	])("is refused: %s", async (_, document) => {
		await expect(read(document)).rejects.toThrow(FeedInvalid);
	});

	test.each(["", "{", "<html></html>", "null", '{"v4":["'])(
		"is refused: %j",
		async (text) => {
			await expect(readSnapshot(pieces(text, 3))).rejects.toThrow(FeedInvalid);
		},
	);

	test("is refused when it is not UTF-8", async () => {
		async function* body() {
			yield Buffer.from([0x7b, 0xff, 0xfe]);
		}
		await expect(readSnapshot(body())).rejects.toThrow(FeedInvalid);
	});

	test("is given up as soon as it is larger than it may be", async () => {
		let given = 0;
		async function* endless() {
			for (;;) {
				given++;
				yield Buffer.alloc(1024 * 1024, " ");
			}
		}
		await expect(readSnapshot(endless())).rejects.toThrow("more than");
		expect(given).toBe(129);
	});

	test.each(["[],", "[0],", '"a",', '{"v4":[0]},', "0,"])(
		"with %j without end is given up before it fills the memory",
		async (junk) => {
			const piece = Buffer.from(junk.repeat(Math.ceil(16_384 / junk.length)));
			let given = 0;
			async function* endless() {
				yield Buffer.from('{"site":"home","more":[');
				for (; given < 1_000; given++) yield piece;
			}
			await expect(readSnapshot(endless())).rejects.toThrow(FeedInvalid);
			expect(given).toBeLessThan(100);
		},
	);
});

describe("a change", () => {
	const right = changeOf(some, some.slice(1), 5);

	test("is read", () => {
		expect(readChange(parseChange(JSON.stringify(right)))).toEqual(right);
	});

	test("may have long lists, and nothing else that is long", () => {
		const del = Array.from({ length: 50_000 }, (_, i) => `10.0.0.0 ${i}`);
		const { length } = parseChange(JSON.stringify({ del, add: [] })).del;
		expect(length).toBe(50_000);
		for (const more of ["[],", '"a",', "0,"])
			expect(() =>
				parseChange(`{"del":[],"more":[${more.repeat(30_000)}0],"add":[]}`),
			).toThrow(FeedInvalid);
	});

	test.each([
		["cut short", JSON.stringify(right).slice(0, -2)],
		["without its lists", "{}"],
		["whose list is none", '{"del":"192.0.2.1","add":[]}'],
		["whose list holds no texts", '{"del":[1],"add":[]}'],
		["that is a list", "[]"],
	])("%s is refused", (_, text) => {
		expect(() => readChange(parseChange(text))).toThrow(FeedInvalid);
	});

	test.each([
		["does not follow", { ...right, prev: 3 }],
		["has no list", { ...right, del: undefined }],
		["names what is no element", { ...right, add: ["example.com"] }],
		[
			"names an element in another spelling",
			{ ...right, add: ["2001:DB8::1"] },
		],
	])("that %s is refused", (_, change) => {
		expect(() => readChange(change)).toThrow(FeedInvalid);
	});
});

test("a reset has a reason that is known", () => {
	expect(readReset({ reason: "gone" })).toEqual({ reason: "gone" });
	expect(() => readReset({ reason: "mood" })).toThrow(FeedInvalid);
	expect(() => readPosition(null)).toThrow(FeedInvalid);
});

test("what is small is not read when it is large", () => {
	expect(() => parseDocument(`[${"[],".repeat(30_000)}0]`)).toThrow(
		FeedInvalid,
	);
});

test("what is shown of an answer is one line, and nothing in it that a terminal would act on", () => {
	expect(excerpt('\u001b[2J\n"ö\u009b')).toBe(
		String.raw`"\u001b[2J\n\"\u00f6\u009b"`,
	);
	expect(excerpt("x".repeat(1_000))).toHaveLength(62);
});

test("a refusal has a code, or none", () => {
	expect(readRefusalCode('{"code":"edge_cursor_ahead"}')).toBe(
		"edge_cursor_ahead",
	);
	for (const text of ["", "null", "[]", '{"code":1}', "<html>"])
		expect(readRefusalCode(text)).toBeNull();
});

describe("a stream of events", () => {
	const text =
		'retry: 5\r\n\r\n: nothing\n\nevent: change\r\ndata: {"a":\r\ndata: 1}\r\nid: 1\r\n\r\ndata:two\n\nevent: cut\ndata: off';

	test.each([1, 2, 5, 1_000])(
		"is read in pieces of %d bytes",
		async (length) => {
			const stream = new EventStream(1_000);
			const events = [];
			for await (const piece of pieces(text, length))
				events.push(...stream.take(piece));
			expect(stream.retryMs).toBe(5);
			expect(events).toEqual([
				{ event: "change", data: '{"a":\n1}' },
				{ event: "message", data: "two" },
			]);
		},
	);

	test("is given up when an event does not end", () => {
		const stream = new EventStream(1_000);
		const takeAll = () => {
			for (let i = 0; i < 20; i++)
				[...stream.take(Buffer.from("data: ".padEnd(100, "x")))];
		};
		expect(takeAll).toThrow(RangeError);
	});
});
