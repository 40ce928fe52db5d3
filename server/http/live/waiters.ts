/** Those who wait for an event of one client, or of anybody, each told only of what it waits for. */
import type { PastEvent } from "../../domain/events/audience.ts";

export type Waiter = (events: readonly PastEvent[]) => void;

export interface Waiters {
	/** Called once with what comes, unless it is taken back before. Returns how to take it back. */
	add(clientId: string | undefined, waiter: Waiter): () => void;
	/** Tells everybody what of these is theirs; who has nothing among them goes on waiting. */
	tell(events: readonly PastEvent[]): void;
	/** Tells everybody that there is nothing. */
	tellAll(): void;
}

export function createWaiters(): Waiters {
	const anybody = new Set<Waiter>();
	const byClient = new Map<string, Set<Waiter>>();

	function callAnybody(events: readonly PastEvent[]): void {
		const those = [...anybody];
		anybody.clear();
		for (const waiter of those) waiter(events);
	}

	function callOwn(clientId: string, events: readonly PastEvent[]): void {
		const those = byClient.get(clientId);
		byClient.delete(clientId);
		for (const waiter of those ?? []) waiter(events);
	}

	return {
		add(clientId, waiter) {
			if (clientId === undefined) {
				anybody.add(waiter);
				return () => anybody.delete(waiter);
			}
			const own = byClient.get(clientId) ?? new Set();
			byClient.set(clientId, own.add(waiter));
			return () => {
				own.delete(waiter);
				if (own.size === 0 && byClient.get(clientId) === own)
					byClient.delete(clientId);
			};
		},
		tell(events) {
			callAnybody(events);
			for (const [clientId, own] of Map.groupBy(events, (one) => one.clientId))
				if (clientId !== null) callOwn(clientId, own);
		},
		tellAll() {
			callAnybody([]);
			for (const clientId of [...byClient.keys()]) callOwn(clientId, []);
		},
	};
}
