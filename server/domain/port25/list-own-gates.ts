/** Every address of a customer's servers, with how port 25 stands there. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import { newestEntriesOn } from "../allowlist/read-entries.ts";
import { addressesHeldBy } from "../inventory/read-leases.ts";
import { type Gate, gateOf } from "./gate.ts";
import { listNewestRequestsFor } from "./request-store.ts";

type HeldAddress = Awaited<ReturnType<typeof addressesHeldBy>>[number];

/** An address that a VPS of the customer has now. */
export interface OwnGate extends HeldAddress {
	readonly gate: Gate;
	/** The newest request for the address; null when there was none. */
	readonly requestId: string | null;
}

/** The addresses of the caller's servers, the newest first. Refuses `request.cursor_invalid`. */
export const listOwnGates: Question<
	{ readonly limit: number; readonly cursor?: string },
	Page<OwnGate>
> = {
	name: "list-own-gates",
	async answer(view, { limit, cursor }) {
		const { clientId } = customerOf(view.actor);
		const scope = `port25-addresses ${clientId}`;
		const held = await addressesHeldBy(view, clientId, {
			limit: limit + 1,
			...(cursor !== undefined && { beforeLeaseId: leaseIn(scope, cursor) }),
		});
		const addresses = held.map(({ address }) => address);
		const [requests, entries] = await Promise.all([
			listNewestRequestsFor(view, clientId, addresses),
			newestEntriesOn(view, clientId, addresses),
		]);
		const requestOn = new Map(requests.map((one) => [one.address, one]));
		const rows = held.map((one): OwnGate => {
			const request = requestOn.get(one.address);
			return {
				...one,
				gate: gateOf(request, entries.get(one.address)),
				requestId: request?.id ?? null,
			};
		});
		return pageOf(rows, limit, (last) => encodeCursor(scope, [last.leaseId]));
	},
};

function leaseIn(scope: string, cursor: string): string {
	const [id] = decodeCursor(scope, cursor, 1) ?? [];
	return typeof id === "string" && isId("lease", id)
		? id
		: refuse("request.cursor_invalid");
}
