import { type IssuedPass, makePass } from "../domain/accounts/issue-pass.ts";
import { refuse } from "../kernel/errors.ts";
import type { Verb } from "../platform/perform.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { findStaffHolder } from "./demo-keys.ts";
import { findClientId, findContent } from "./demo-store.ts";
import { demoClients } from "./provider.ts";

/** A pass for each side. */
export interface DemoPasses {
	/** For the client `trusted`. */
	readonly customer: IssuedPass;
	readonly staff: IssuedPass;
}

/**
 * Promises sign-ins to whoever sits at the terminal: each once, within ten minutes.
 *
 * Refuses `auth.forbidden` to everybody but the system.
 *
 * @throws StartFailure for a database without the demo
 */
export const issueDemoPasses: Verb<Record<never, never>, DemoPasses> = {
	name: "issue-demo-passes",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const isDemo = (await findContent(tx)) === "demo";
		const clientId = await findClientId(tx, demoClients.trusted.legacyId);
		const staffId = await findStaffHolder(tx);
		if (!isDemo || clientId === undefined || staffId === undefined)
			throw new StartFailure("The database holds no demo.");
		return {
			customer: await makePass(tx, { holder: { clientId }, how: "demo" }),
			staff: await makePass(tx, { holder: { staffId }, how: "demo" }),
		};
	},
};

/** The links of passes, as people open them. */
export function demoLinks(
	baseUrl: string,
	{ customer, staff }: DemoPasses,
): { readonly customer: string; readonly staff: string } {
	const link = ({ token }: IssuedPass) =>
		`${baseUrl}/sign-in/link?token=${token}`;
	return { customer: link(customer), staff: link(staff) };
}
