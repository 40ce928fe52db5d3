import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { driverSuite } from "../../test/agent/driver-suite.ts";
import { nftIn } from "../../test/agent/nft-in.ts";
import { sayWhenSkipped } from "../../test/lab/figures.ts";
import {
	type Namespace,
	openNamespace,
	whyNoLab,
} from "../../test/lab/namespace.ts";
import { setOf } from "../ruleset-elements.ts";
import { Nftables } from "./nftables.ts";

const canLab = sayWhenSkipped("the driver nftables", whyNoLab());

describe.runIf(canLab)("in a namespace", () => {
	let space: Namespace;

	beforeAll(async () => {
		space = await openNamespace("driver");
	});
	afterAll(() => space.close());

	for (const family of ["inet", "bridge"] as const)
		driverSuite(`nftables (${family})`, async () => {
			const folder = mkdtempSync(join(tmpdir(), "postern-agent-"));
			const program = nftIn(space, folder);
			const element = (verb: string, text: string) =>
				void space.run([
					"nft",
					verb,
					"element",
					family,
					"port25",
					setOf(text),
					`{ ${text} }`,
				]);
			return {
				open: () =>
					new Nftables({
						ruleset: {
							family,
							customerInterfaces: ["tap*"],
							refusal: family === "inet" ? "reject" : "drop",
						},
						program,
						folder,
						log: () => {},
					}),
				foreign: {
					add: (text) => element("add", text),
					delete: (text) => element("delete", text),
					flush: () => void space.run(["nft", "flush", "ruleset"]),
				},
				knowsNames: true,
				close: async () => {
					space.run(["nft", "flush", "ruleset"]);
					rmSync(folder, { recursive: true });
				},
			};
		});
});
