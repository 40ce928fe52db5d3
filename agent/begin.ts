/** What a machine knows about itself before it has heard anything: its file, and what its driver has in place. */
import type { Alarms } from "./alarms.ts";
import type { Driver, Standing } from "./drivers/driver.ts";
import {
	type LastKnownGood,
	LastKnownGoodBad,
	loadLastKnownGood,
} from "./last-known-good.ts";
import type { Target } from "./plan.ts";
import { RunningSum } from "./sum.ts";

/** The file, or null when there is none; a bad one is an alarm, and then there is none. */
export async function readLastKnownGood(
	path: string,
	alarms: Alarms,
): Promise<LastKnownGood | null> {
	try {
		return await loadLastKnownGood(path);
	} catch (error) {
		if (!(error instanceof LastKnownGoodBad)) throw error;
		alarms.raise("lkg_bad", `${error.message}: closed until a snapshot comes`);
		return null;
	}
}

/** What the driver has in place, or null when it is not, to the element, what its stamp says. */
export async function readInPlace(
	driver: Driver,
	standing: Standing,
): Promise<Target | null> {
	if (typeof standing === "string") return null;
	const { elements, odd } = await driver.list();
	const isWhole =
		odd.length === 0 &&
		elements.size === standing.n &&
		RunningSum.of(elements.texts()).text === standing.sum;
	return isWhole ? { elements, position: standing } : null;
}
