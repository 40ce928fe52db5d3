import { lastKnownGoodPath, loadConfig, readServer } from "../config.ts";
import type { Driver } from "../drivers/driver.ts";
import { driverOf } from "../drivers/driver-of.ts";
import { ElementSet } from "../element-set.ts";
import { readSnapshot } from "../feed/read-snapshot.ts";
import { call, mustBe } from "../feed/request.ts";
import { messageOf } from "../gate.ts";
import { loadLastKnownGood } from "../last-known-good.ts";
import { replicaOf, targetOf } from "../replica.ts";
import { type Command, say } from "./command.ts";

const timeoutMs = 120_000;
const shownMax = 20;

/** What the control plane wants, what is in place, and what would have to change. Changes nothing. */
export const showPlan: Command = async ({ configPath, isJson }) => {
	const config = loadConfig(configPath);
	const answer = await call(readServer(config), {
		method: "GET",
		path: "snapshot",
		headers: { accept: "application/json" },
		timeoutMs,
		signal: new AbortController().signal,
	});
	try {
		mustBe(answer, "application/json");
	} catch (error) {
		answer.drop();
		throw error;
	}
	const snapshot = await readSnapshot(answer.body);
	const want = targetOf(replicaOf(snapshot, config.prefixes));
	const driver = driverOf(config, say);
	const have = await elementsOf(driver).finally(() => driver.close());
	const kept = await loadLastKnownGood(lastKnownGoodPath(config)).catch(
		messageOf,
	);
	const { del, add } = have.deltaTo(driver.asHeld(want.elements));
	if (isJson) {
		say(JSON.stringify({ want: want.position, have: have.size, del, add }));
		return 0;
	}
	say(`wanted: revision ${want.position.rev}, ${want.position.n} elements`);
	say(`in place: ${have.size} elements`);
	say(
		`last known good: ${typeof kept === "string" ? kept : kept === null ? "none" : `revision ${kept.position.rev}`}`,
	);
	for (const [sign, elements] of [
		["-", del],
		["+", add],
	] as const) {
		for (const element of elements.slice(0, shownMax))
			say(`${sign} ${element}`);
		if (elements.length > shownMax)
			say(`${sign} … ${elements.length - shownMax} more`);
	}
	return 0;
};

async function elementsOf(driver: Driver): Promise<ElementSet> {
	const standing = await driver.standing();
	return typeof standing === "string"
		? ElementSet.empty
		: (await driver.list()).elements;
}
