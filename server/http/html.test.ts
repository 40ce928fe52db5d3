import { describe, expect, test } from "vitest";
import { html } from "./html.ts";

describe("html", () => {
	test("escapes every value", () => {
		const fragment = html`<p title="${`"'`}">${"<b>&</b>"}</p>`;
		expect(fragment.html).toBe(
			'<p title="&quot;&#39;">&lt;b&gt;&amp;&lt;/b&gt;</p>',
		);
	});

	test("puts fragments and lists of them in as they are", () => {
		const items = ["a", "<"].map((item) => html`<li>${item}</li>`);
		expect(html`<ul>${items}</ul>`.html).toBe(
			"<ul><li>a</li><li>&lt;</li></ul>",
		);
	});

	test("is not fooled by data that looks like a fragment", () => {
		expect(html`${{ html: "<script>" }}`.html).not.toContain("<script>");
	});
});
