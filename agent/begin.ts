/** What a machine knows about itself before it has heard anything: its file, and what its driver has in place. */
import type { Alarms } from "./alarms.ts";
import type { Driver, Standing, Suspicion } from "./drivers/driver.ts";
import {
	type LastKnownGood,
	LastKnownGoodBad,
	loadLastKnownGood,
} from "./last-known-good.ts";
import { startFrom, type Target } from "./plan.ts";
import { RunningSum } from "./sum.ts";

/** What the file says. `isForeign`: it is another site's, and what stands may be as well. */
export interface Kept {
	readonly lastKnownGood: LastKnownGood | null;
	readonly isForeign: boolean;
}

/** Reads the file. One that is bad, or another site's, is an alarm, and then there is none. */
export async function readKept(
	path: string,
	site: string | null,
	alarms: Alarms,
): Promise<Kept> {
	const until = "closed until a snapshot comes";
	try {
		const lastKnownGood = await loadLastKnownGood(path);
		const isForeign =
			lastKnownGood !== null && site !== null && lastKnownGood.site !== site;
		if (!isForeign) return { lastKnownGood, isForeign };
		alarms.raise(
			"lkg_bad",
			`${path} is of site ${lastKnownGood.site}, but this machine belongs to ${site}: ${until}`,
		);
		return { lastKnownGood: null, isForeign };
	} catch (error) {
		if (!(error instanceof LastKnownGoodBad)) throw error;
		alarms.raise("lkg_bad", `${error.message}: ${until}`);
		return { lastKnownGood: null, isForeign: false };
	}
}

/**
 * Makes the driver ready, and says where to begin; null: at nothing, everything is closed. May be called again when it
 * failed.
 */
export async function takeUp(
	driver: Driver,
	{ lastKnownGood, isForeign }: Kept,
	onSuspicion: (suspicion: Suspicion) => void,
): Promise<Target | null> {
	const standing = await driver.open();
	const inPlace = isForeign
		? null
		: await readInPlace(driver, standing).catch(() => null);
	if (inPlace === null && lastKnownGood === null) await driver.shut();
	await driver.watch(onSuspicion);
	return startFrom({ lastKnownGood, inPlace });
}

/** What the driver has in place, or null when it is not, to the element, what its stamp says. */
async function readInPlace(
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
