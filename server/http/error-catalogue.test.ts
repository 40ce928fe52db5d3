/** The catalogue of refusals and its page say the same, in both directions. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errorsPage } from "../../tools/errors-page.ts";
import { catalogue } from "../kernel/errors.ts";
import { errorCodes } from "./public-codes.ts";

const page = readFileSync(
	new URL("../../docs/errors.md", import.meta.url),
	"utf8",
);

test("every refusal is on the page, and the page has no other", () => {
	const rows = [...page.matchAll(/^\| `([a-z0-9_.]+)` \|/gm)];
	expect(rows.map(([, code]) => code)).toEqual(Object.keys(catalogue));
	expect(errorCodes).toEqual(Object.keys(catalogue));
});

test("the page is the one that would be generated", () => {
	expect(page).toBe(errorsPage());
});
