/** A10: what the kernel really holds after each text was loaded, not what was written. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closedGateText, rulesetText } from "../../agent/ruleset.ts";
import { loadText } from "../../agent/ruleset-elements.ts";
import { figure, sayWhenSkipped } from "./figures.ts";
import { bridged, nft, nothing, routed, stamp } from "./gate.ts";
import { type Namespace, openNamespace, whyNoLab } from "./namespace.ts";

const canLab = sayWhenSkipped("A10", whyNoLab());

const some = {
	...nothing,
	v4: ["192.0.2.2"],
	v6: ["2001:db8::2"],
	nets: ["192.0.2.16/28"],
};
const bindings = [{ interface: "tap1", addresses: ["192.0.2.0/28"] }];
const texts = [
	["routed, reject", rulesetText(routed)],
	["routed, drop", rulesetText({ ...routed, refusal: "drop" })],
	["routed, with elements", loadText(routed, some, stamp)],
	["routed, closed gate", closedGateText(routed)],
	["bridged", rulesetText(bridged)],
	["bridged, bound", rulesetText({ ...bridged, bindings })],
	["bridged, closed gate", closedGateText(bridged)],
] as const;

describe.runIf(canLab)("A10", () => {
	let space: Namespace;
	beforeAll(async () => {
		space = await openNamespace("lint");
		nft(space, "add table inet foreign\nadd chain inet foreign kept\n");
	});
	afterAll(async () => {
		await space?.close();
		figure(
			"A10",
			"texts that pass nft -c and load as they should",
			`${passed} of ${texts.length}`,
		);
	});
	let passed = 0;

	test.each(texts)("%s", (_name, text) => {
		expect(space.attempt(["nft", "-c", "-f", "-"], text)).toMatchObject({
			status: 0,
			stderr: "",
		});
		nft(space, text);
		const held = space.run(["nft", "list", "ruleset"]);
		expect(held).toMatch(/table inet foreign \{\s*chain kept/);
		const ours = held.replace(/table inet foreign \{[^}]*\}\s*\}/, "");
		for (const [set, declared = ""] of ours.matchAll(
			/set (?:a4|a6|a6_64|applied) \{([^}]*)/g,
		))
			expect(declared, set).not.toMatch(/flags|auto-merge|size|timeout/);
		expect(ours).not.toMatch(/\bct\b|established|related|owner|dormant/);
		expect(ours).not.toMatch(/policy drop|hook (input|output)/);
		passed++;
	});
});
