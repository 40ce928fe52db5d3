import type { Verb } from "../../platform/perform.ts";
import { onlyOutcome, type Saved } from "../accounts/observation.ts";
import { saveEachService } from "./save-each-service.ts";
import type { SaveServiceInput } from "./service-report.ts";

/**
 * Makes a service what the billing system says it is, its leases included. Doing it again changes nothing.
 *
 * An address that another service has moves here. What was granted on an address that is taken away or moves, or on a
 * service whose status ends it, ends in the same transaction; coming back opens nothing again.
 *
 * Refuses `auth.forbidden` to everybody but the system and staff with `desk:inventory`; `request.invalid` for an unknown
 * client or another one than before, an address that is none, is not public or stands there twice, a primary address that
 * is not among the addresses, an observation that has not come yet, addresses for a service that has ended, and a new
 * service without client, name or status.
 */
export const saveService: Verb<SaveServiceInput, Saved> = {
	name: "save-service",
	run: async (tx, input) => onlyOutcome(await saveEachService.run(tx, [input])),
};
