import { expect, test } from "vitest";
import { ReadBack } from "./read-back.ts";

test("is what the first load showed, and something else once two loads in a row have shown that", () => {
	const readBack = new ReadBack();
	const known = ["a", "b", "a", "b", "c", "c", "a"].map((found) => {
		readBack.learn(found);
		return readBack.known;
	});
	expect(known).toEqual(["a", "a", "a", "a", "a", "c", "c"]);
});

test("is wanted before the first load, and after a doubt", () => {
	const readBack = new ReadBack();
	expect(readBack.isWanted).toBe(true);
	readBack.learn("a");
	expect(readBack.isWanted).toBe(false);
	readBack.doubt();
	expect(readBack.isWanted).toBe(true);
	readBack.learn("b");
	expect(readBack.isWanted).toBe(false);
});
