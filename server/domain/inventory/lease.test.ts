import { describe, expect, test } from "vitest";
import { canonicalIp, leaseChanges, readAddresses } from "./lease.ts";

const startedAt = new Date("2026-11-20T10:00:00.000Z");
const a = { id: "lease_a", address: "192.0.2.1", startedAt };
const b = { id: "lease_b", address: "2001:db8::1", startedAt };

describe("leaseChanges", () => {
	test("ends what is not wanted, starts what is not held, and leaves the rest alone", () => {
		expect(leaseChanges([a, b], [b.address, "192.0.2.9"])).toEqual({
			ending: [a],
			starting: ["192.0.2.9"],
		});
	});

	test("the same addresses change nothing, in whatever order", () => {
		expect(leaseChanges([a, b], [b.address, a.address])).toEqual({
			ending: [],
			starting: [],
		});
	});

	test("no addresses end everything", () => {
		expect(leaseChanges([a, b], [])).toEqual({ ending: [a, b], starting: [] });
	});
});

describe("readAddresses", () => {
	test("gives each address in its one spelling, in the order given", () => {
		expect(readAddresses(["2001:DB8:0::1", "192.0.2.1"])).toEqual([
			"2001:db8::1",
			"192.0.2.1",
		]);
	});

	test("refuses an address that stands there twice, in whatever spelling", () => {
		expect(() =>
			readAddresses(["2001:DB8:0::1", "192.0.2.1", "2001:db8::1"]),
		).toThrow(
			expect.objectContaining({
				faults: [expect.objectContaining({ pointer: "/addresses/2" })],
			}),
		);
	});

	test.each([
		"",
		"10.0.0.1",
		"0.0.0.0",
		"224.0.0.1",
		"::1",
		"fd00::1",
		"fe80::1",
		"192.0.2",
		"192.0.2.1/32",
		"::ffff:192.0.2.1",
		"mail.example.com",
	])("refuses %j at its place", (text) => {
		expect(() => readAddresses(["192.0.2.1", text])).toThrow(
			expect.objectContaining({
				faults: [expect.objectContaining({ pointer: "/addresses/1" })],
			}),
		);
	});
});

test("an address that the database spells in its own way is read back in ours", () => {
	expect(canonicalIp("::1.2.3.4")).toBe("::102:304");
	expect(canonicalIp("192.0.2.1")).toBe("192.0.2.1");
});
