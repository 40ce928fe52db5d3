import { describe, expect, test } from "vitest";
import { createFailureLimit } from "./failure-limit.ts";

const now = new Date("2026-11-20T10:00:59.999Z");
const nextMinute = new Date("2026-11-20T10:01:00.000Z");

describe("createFailureLimit", () => {
	test("lets a source fail so often in a minute, and anew in the next", () => {
		const limit = createFailureLimit({ perMinute: 2, sourcesMax: 10 });
		expect(limit.remaining("192.0.2.1", now)).toBe(2);
		expect(limit.count("192.0.2.1", now)).toBe(true);
		expect(limit.remaining("192.0.2.1", now)).toBe(1);
		expect(limit.count("192.0.2.1", now)).toBe(true);
		expect(limit.count("192.0.2.1", now)).toBe(false);
		expect(limit.remaining("192.0.2.1", now)).toBe(0);
		expect(limit.resetAt(now)).toEqual(nextMinute);
		expect(limit.count("192.0.2.1", nextMinute)).toBe(true);
	});

	test("calls a source flooding at ten times its limit, until the minute is over", () => {
		const limit = createFailureLimit({ perMinute: 2, sourcesMax: 10 });
		for (let i = 0; i < 19; i += 1) limit.count("192.0.2.1", now);
		expect(limit.isFlooding("192.0.2.1", now)).toBe(false);
		limit.count("192.0.2.1", now);
		expect(limit.isFlooding("192.0.2.1", now)).toBe(true);
		expect(limit.isFlooding("192.0.2.1", nextMinute)).toBe(false);
	});

	test("holds nobody responsible for another source", () => {
		const limit = createFailureLimit({ perMinute: 1, sourcesMax: 10 });
		limit.count("192.0.2.1", now);
		expect(limit.remaining("192.0.2.1", now)).toBe(0);
		expect(limit.remaining("192.0.2.2", now)).toBe(1);
	});

	test("takes an IPv6 network of 64 bits for one source, and a mapped IPv4 address for itself", () => {
		const limit = createFailureLimit({ perMinute: 1, sourcesMax: 10 });
		limit.count("2001:db8::1", now);
		limit.count("::ffff:192.0.2.1", now);
		expect(limit.remaining("2001:db8::ffff:2", now)).toBe(0);
		expect(limit.remaining("2001:db8:0:1::1", now)).toBe(1);
		expect(limit.remaining("192.0.2.1", now)).toBe(0);
	});

	test("forgets the source it heard of first when it knows too many", () => {
		const limit = createFailureLimit({ perMinute: 1, sourcesMax: 2 });
		for (const host of [1, 2, 3]) limit.count(`192.0.2.${host}`, now);
		expect(limit.remaining("192.0.2.1", now)).toBe(1);
		expect(limit.remaining("192.0.2.2", now)).toBe(0);
		expect(limit.remaining("192.0.2.3", now)).toBe(0);
	});

	test("does not grow while one source goes on failing", () => {
		const limit = createFailureLimit({ perMinute: 1, sourcesMax: 2 });
		limit.count("192.0.2.1", now);
		for (let i = 0; i < 1_000; i += 1) limit.count("192.0.2.2", now);
		expect(limit.remaining("192.0.2.1", now)).toBe(0);
	});
});
