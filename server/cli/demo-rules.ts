/** When the demo is loaded, and on which addresses it may be served. */
import type { Config } from "../config.ts";
import type { DatabaseContent } from "../demo/demo-store.ts";
import { StartFailure } from "../platform/start-failure.ts";

/** What the command line said: `--demo`, `--no-demo`, or nothing. */
export type DemoFlag = boolean | undefined;

/**
 * Whether this start shows the demo: loaded by itself only into the empty embedded database, into one of DATABASE_URL
 * only when asked for. Throws a StartFailure when the database holds the opposite of what was asked for.
 */
export function wantsDemo(
	content: DatabaseContent,
	flag: DemoFlag,
	isEmbedded: boolean,
): boolean {
	if (content === "demo" && flag === false)
		throw new StartFailure(
			"--no-demo: this database holds the demo. Remove it first with `postern demo remove`, or start without --no-demo.",
		);
	if (content === "other" && flag === true)
		throw new StartFailure(
			"--demo: this database holds clients that are not the demo's. The demo is loaded into an empty database only.",
		);
	if (content === "empty") return flag ?? isEmbedded;
	return content === "demo";
}

/**
 * The demo's keys stand in a file and its data is play, so it is served on loopback only. `--demo` on the command line
 * overrules that; the caller then says so, loudly. Throws a StartFailure that says what else can be done.
 */
export function requireLoopback(
	config: Config,
	flag: DemoFlag,
	content: DatabaseContent,
): void {
	if (flag === true || isLocalOnly(config)) return;
	const [what, instead] =
		content === "demo"
			? [
					"This database holds the demo",
					"remove the demo with `postern demo remove` and start with --no-demo",
				]
			: [
					"An empty database gets the demo",
					"start with --no-demo to leave it empty",
				];
	throw new StartFailure(
		`${what}, which is served on loopback only. Unset HOST and POSTERN_PUBLIC_URL, or ${instead}, or start with --demo to serve the demo all the same.`,
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
