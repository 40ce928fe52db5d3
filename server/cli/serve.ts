/** `postern serve`: API and worker in one process, until a signal ends it. */
import type { Command } from "commander";
import { boundHeapGrowth } from "./runtime.ts";

export function addServe(program: Command): void {
	program
		.command("serve")
		.description(
			"run API and worker in one process until Ctrl-C; an empty embedded database gets the demo",
		)
		.option(
			"--demo",
			"load the demo also into an empty DATABASE_URL, and serve it on any HOST",
		)
		.option("--no-demo", "leave an empty database empty")
		.action(async (options: { demo?: boolean }) => {
			boundHeapGrowth();
			// Loaded only when it is wanted: half of the time of a short command would be spent on it.
			const { runServer } = await import("./run-server.ts");
			await runServer(options.demo);
		});
}
