import { describe, expect, test } from "vitest";
import { ElementSet } from "./element-set.ts";
import { networksOfSite, Prefixes } from "./prefixes.ts";
import { FeedInvalid, replicaOf, targetOf } from "./replica.ts";

describe("the networks of a site, as a feed says them", () => {
	test.each([
		[[]],
		[["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]],
		[["10.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8", "13.0.0.0/8"]],
		[["2001::/16", "2002::/16"]],
	])("may be %j", (texts) => {
		expect(networksOfSite(texts).texts).toEqual(texts);
	});

	test.each([
		["0.0.0.0/1", "128.0.0.0/1"],
		["8.0.0.0/5"],
		Array.from({ length: 256 }, (_, i) => `${i}.0.0.0/8`),
		["::/1", "8000::/1"],
		["2000::/13"],
	])("are no more than any site has: %s", (...texts) => {
		expect(() => networksOfSite(texts)).toThrow("larger than four /8");
	});

	test("cannot have everything opened by being everything", () => {
		const all = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"];
		const snapshot = {
			site: "home",
			prefixes: all,
			position: { epoch: "e", rev: 1, n: 4, sum: "0".repeat(32) },
			elements: ElementSet.of(all),
		};
		expect(() => replicaOf(snapshot, null)).toThrow(FeedInvalid);
		const narrow = { ...snapshot, prefixes: ["192.0.2.0/24"] };
		expect(targetOf(replicaOf(narrow, null)).elements.size).toBe(0);
	});

	test("of the configuration are the operator's own business", () => {
		expect(new Prefixes(["0.0.0.0/1"]).shares.v4).toBe(0.5);
	});
});
