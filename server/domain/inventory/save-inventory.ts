import { staffWith } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import type { Verb } from "../../platform/perform.ts";
import type { SaveClientInput } from "../accounts/client-report.ts";
import type { Outcome } from "../accounts/observation.ts";
import { saveEachClient } from "../accounts/save-each-client.ts";
import { lockConcerned } from "./lock-concerned.ts";
import { saveEachService } from "./save-each-service.ts";
import type { SaveServiceInput } from "./service-report.ts";
import { readByIndex } from "./service-store.ts";

/** What a line of an import says. */
export type InventoryReport =
	| (SaveClientInput & { readonly kind: "client" })
	| SaveServiceInput;

/**
 * Does with reports of clients and services what `save-client` and `save-service` do, as if one came after the other. A
 * report that is refused has a Refusal as its outcome and leaves the others alone; refuses `auth.forbidden` itself.
 */
export const saveInventory: Verb<
	readonly InventoryReport[],
	readonly Outcome[]
> = {
	name: "save-inventory",
	async run(tx, reports) {
		if (tx.actor.kind !== "system") staffWith(tx.actor, "desk:inventory");
		await readByIndex(tx);
		// All at once and in order, so that two of these rarely wait for each other.
		await lockConcerned(tx, {
			clients: reports.filter(isClient).map((report) => report.legacyId),
			services: reports.filter(isService),
		});
		const outcomes: Outcome[] = [];
		for (const run of runsOf(reports)) {
			const clients = run.filter(isClient);
			const services = run.filter(isService);
			const ofClients =
				clients.length > 0 ? await saveEachClient.run(tx, clients) : [];
			const ofServices =
				services.length > 0 ? await saveEachService.run(tx, services) : [];
			const [client, service] = [ofClients.values(), ofServices.values()];
			for (const report of run) {
				const { value } = (isClient(report) ? client : service).next();
				assert(value, "each report has its outcome");
				outcomes.push(value);
			}
		}
		return outcomes;
	},
};

function isClient(
	report: InventoryReport,
): report is SaveClientInput & { readonly kind: "client" } {
	return report.kind === "client";
}

function isService(report: InventoryReport): report is SaveServiceInput {
	return report.kind !== "client";
}

/**
 * Cuts the reports into runs in which all clients may be saved before all services: a client's report begins a new run
 * when a service before it in the run names that client.
 */
function runsOf(reports: readonly InventoryReport[]): InventoryReport[][] {
	let run: InventoryReport[] = [];
	const runs = [run];
	const named = new Set<number>();
	for (const report of reports) {
		if (!isClient(report)) named.add(report.clientLegacyId ?? 0);
		else if (named.has(report.legacyId)) {
			run = [];
			runs.push(run);
			named.clear();
		}
		run.push(report);
	}
	return runs;
}
