import type { Verb } from "../../platform/perform.ts";
import type { SaveClientInput } from "./client-report.ts";
import { onlyOutcome, type Saved } from "./observation.ts";
import { saveEachClient } from "./save-each-client.ts";

/**
 * Makes a client what the billing system says it is, whether it was known before or not. Doing it again changes nothing.
 * An account that becomes inactive loses its pending requests and its allow-list entries in the same transaction.
 *
 * Refuses `auth.forbidden` to everybody but the system and staff with `desk:inventory`, and `request.invalid` for a new
 * client without a status, an amount that is none and times that have not come yet.
 */
export const saveClient: Verb<SaveClientInput, Saved> = {
	name: "save-client",
	run: async (tx, input) => onlyOutcome(await saveEachClient.run(tx, [input])),
};
