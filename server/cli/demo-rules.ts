/** When the demo is loaded, and on which addresses it may be served. */
import type { Config } from "../config.ts";
import type { DatabaseContent } from "../demo/demo-store.ts";
import { StartFailure } from "../platform/start-failure.ts";

/** What the command line said: `--demo`, `--no-demo`, or nothing. */
export type DemoFlag = boolean | undefined;

/**
 * Whether this start shows the demo: loaded by itself only into the empty embedded database, into one of DATABASE_URL
 * only when asked for. Throws a StartFailure when it was asked for and cannot be.
 */
export function wantsDemo(
	content: DatabaseContent,
	flag: DemoFlag,
	isEmbedded: boolean,
): boolean {
	if (content === "demo") return true;
	if (content === "other") {
		if (flag === true)
			throw new StartFailure(
				"--demo: the database holds clients that are no demo. The demo is loaded into an empty database only.",
			);
		return false;
	}
	return flag ?? isEmbedded;
}

/**
 * The demo's keys stand in a file and its data is play, so it is served on loopback only. `--demo` on the command line
 * overrules that; the caller then says so, loudly.
 */
export function requireLoopback(config: Config, flag: DemoFlag): void {
	if (flag === true || isLocalOnly(config)) return;
	throw new StartFailure(
		"This database holds demo data, which is served on loopback only. Unset HOST and POSTERN_PUBLIC_URL, remove the data with `postern demo remove`, or start with --demo to serve it all the same.",
	);
}

/** Whether nobody but this machine is meant to reach the server. */
export function isLocalOnly(config: Config): boolean {
	const { host, publicUrl } = config.http;
	const names =
		publicUrl === undefined ? [host] : [host, new URL(publicUrl).hostname];
	return names.every((name) =>
		/^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(name),
	);
}
