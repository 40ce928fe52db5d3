import { describe, expect, test } from "vitest";
import { html } from "./html.ts";

describe("html", () => {
	test("escapes every value", () => {
		const fragment = html`<p title="${`"'`}">${"<b>&</b>"}</p>`;
		expect(fragment.html).toBe(
			'<p title="&#34;&#39;">&#60;b&#62;&#38;&#60;/b&#62;</p>',
		);
	});

	test("puts fragments and lists of them in as they are", () => {
		const items = ["a", "<"].map((item) => html`<li>${item}</li>`);
		expect(html`<ul>${items}</ul>`.html).toBe(
			"<ul><li>a</li><li>&#60;</li></ul>",
		);
	});

	test("is not fooled by data that looks like a fragment", () => {
		expect(html`${{ html: "<script>" }}`.html).not.toContain("<script>");
	});
});
