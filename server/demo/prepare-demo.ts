import { system } from "../kernel/actor.ts";
import type { Performer } from "../platform/perform.ts";
import { type DemoFile, readDemoKeys, writeDemoFile } from "./demo-file.ts";
import { loadDemo } from "./load-demo.ts";

/**
 * Makes the demo ready to be used: loaded, its times fresh, its file written. To be called at every start of a server that
 * shows the demo; a start that was cut off at any point is put right by the next one.
 *
 * @returns what stands in the file
 * @throws StartFailure for a database that holds clients and is no demo; errors of the file system
 */
export async function prepareDemo(
	performer: Performer,
	{ path, baseUrl }: { readonly path: string; readonly baseUrl: string },
): Promise<DemoFile> {
	const knownKeys = await readDemoKeys(path);
	const contents = await performer.perform(system("demo"), loadDemo, {
		knownKeys,
	});
	const file = { baseUrl, ...contents };
	await writeDemoFile(path, file);
	return file;
}
