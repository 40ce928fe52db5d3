/**
 * What happens in Postern: every kind of event with the shape of its data, ids and words only. No secret, no text of a
 * person, no personal number ever stands in an event (invariant I10): events are streamed and kept for years.
 */
export interface EventData {
	"client.saved": { readonly legacyId: number };
	"service.saved": { readonly kind: string; readonly legacyId: number };
	"lease.started": { readonly address: string; readonly serviceId: string };
	"lease.ended": {
		readonly address: string;
		readonly serviceId: string;
		readonly reason: string;
	};
	"staff.added": { readonly role: string };
	"key.created": { readonly scopes: readonly string[] };
	"key.revoked": Record<never, never>;
	"site.added": { readonly prefixes: readonly string[] };
	"policy.adopted": { readonly hash: string };
	"port25.requested": {
		readonly address: string;
		readonly serviceId: string;
		readonly tier: number;
		readonly verdict: string;
	};
	"port25.approved": { readonly entryId: string; readonly automatic: boolean };
	"port25.rejected": Record<never, never>;
	"port25.withdrawn": Record<never, never>;
	"port25.expired": Record<never, never>;
	"allowlist.entry_added": {
		readonly address: string;
		readonly siteId: string | null;
		readonly revision: number | null;
	};
	"allowlist.entry_suspended": EntryChange;
	"allowlist.entry_resumed": EntryChange;
	"allowlist.entry_revoked": EntryChange;
	"demo.loaded": { readonly clients: number };
	"demo.removed": Record<never, never>;
}

interface EntryChange {
	readonly address: string;
	readonly siteId: string | null;
	/** Of the site after the change; null without a site. */
	readonly revision: number | null;
}

export type EventKind = keyof EventData;

/** An event as a verb emits it; when and who come from the transaction. */
export type DomainEvent = {
	[K in EventKind]: {
		readonly kind: K;
		/** Id of the thing it happened to. */
		readonly subject: string;
		/** The client whose event stream it belongs to; null for what concerns no client. */
		readonly clientId: string | null;
		readonly data: EventData[K];
	};
}[EventKind];
