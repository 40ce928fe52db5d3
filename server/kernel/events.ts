/**
 * What happens in Postern: every kind of event with the shape of its data, ids and words only. No secret, no text of a
 * person, no personal number ever stands in an event (invariant I10): events are streamed and kept for years.
 */
export interface EventData {
	"client.saved": { readonly legacyId: number };
	/** A member of staff read what keys a client has, and what the client calls them. */
	"client.keys_read_by_staff": Record<never, never>;
	"service.saved": { readonly kind: string; readonly legacyId: number };
	"service.ended": { readonly kind: string; readonly legacyId: number };
	"lease.started": { readonly address: string; readonly serviceId: string };
	"lease.ended": {
		readonly address: string;
		readonly serviceId: string;
		readonly reason: string;
	};
	"staff.added": { readonly role: string };
	"staff.renamed": Record<never, never>;
	"staff.role_changed": { readonly role: string; readonly was: string };
	"staff.disabled": Record<never, never>;
	"staff.enabled": Record<never, never>;
	/** Their address, which had not been known, is. */
	"staff.email_set": Record<never, never>;
	/** Somebody was given a link with which to choose how to sign in. */
	"staff.invited": Record<never, never>;
	/** An operator took every way to sign in away. */
	"staff.access_reset": Record<never, never>;
	/** `passkey`, `password`, `authenticator`, `recovery-codes` or `identity`. */
	"staff.credential_added": { readonly credential: string };
	"staff.credential_removed": { readonly credential: string };
	/** Instead of a code of the authenticator; there is one less. */
	"staff.recovery_code_used": Record<never, never>;
	"key.created": { readonly scopes: readonly string[] };
	"key.changed": {
		/** Which fields: `name`, `scopes`, `expiresAt`. */
		readonly fields: readonly string[];
		/** As they are now. */
		readonly scopes: readonly string[];
	};
	"key.rolled": {
		readonly successorId: string;
		/** Hours for which the old key still works; 0 when it ended at once. */
		readonly overlapHours: number;
	};
	"key.revoked": Record<never, never>;
	/** Somebody may sign in with a pass; the subject is who. */
	"session.offered": { readonly how: string };
	/** Somebody asked for a link by mail, to an address that may be nobody's here. */
	"session.mail_requested": Record<never, never>;
	/** Somebody signed in: a client, or with `staffId` a member of staff. The session itself is deleted some time, this stays. */
	"session.begun": { readonly how: string; readonly staffId: string | null };
	/** By its holder, by a new sign-in in the same browser (`replaced`), or because there were too many (`crowded`). */
	"session.ended": { readonly reason: string; readonly staffId: string | null };
	"site.saved": { readonly prefixes: readonly string[] };
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
	"port25.reopened": {
		/** What had been decided. */
		readonly decision: string;
		/** The entry that the approval had made. */
		readonly entryId: string | null;
	};
	/** A member of staff read what a customer wrote, or what is known of a customer; the verb says which. */
	"port25.read_by_staff": Record<never, never>;
	"ticket.opened": {
		readonly departmentSlug: string;
		readonly priority: string;
		/** What it is about, where that is a service. */
		readonly serviceId: string | null;
	};
	/** The customer wrote. */
	"ticket.replied": { readonly messageId: string };
	/** The staff wrote, for the customer to read. */
	"ticket.answered": { readonly messageId: string };
	/** The staff wrote for themselves. It belongs to no client: customers do not hear of it. */
	"ticket.noted": { readonly messageId: string };
	"ticket.started": Record<never, never>;
	"ticket.held": Record<never, never>;
	"ticket.closed": Record<never, never>;
	"ticket.reopened": Record<never, never>;
	"ticket.cc_changed": { readonly count: number };
	/** A member of staff read a ticket; belongs to no client. */
	"ticket.read_by_staff": Record<never, never>;
	"department.saved": Record<never, never>;
	"allowlist.entry_added": {
		readonly address: string;
		readonly siteId: string | null;
		readonly revision: number | null;
	};
	"allowlist.entry_suspended": EntryChange;
	"allowlist.entry_resumed": EntryChange;
	"allowlist.entry_revoked": EntryChange;
	/** The address is enforced elsewhere now; `siteId` and `revision` are those of the new site. */
	"allowlist.entry_moved": EntryChange & {
		readonly fromSiteId: string | null;
		readonly fromRevision: number | null;
	};
	/** Every armed agent of the site has made it true. */
	"allowlist.entry_opened": EntryChange;
	/** No agent can hold it open any more; the site is the one that was waited for last. */
	"allowlist.entry_closed": EntryChange;
	"site.epoch_begun": {
		readonly epoch: string;
		readonly reason: EpochReason;
		/** 1 with everything active as its delta, 0 when nothing is. */
		readonly revision: number;
	};
	"edge.agent_added": AtSite;
	/** It was given the desired set for the first time. */
	"edge.agent_met": AtSite;
	"edge.agent_armed": AtSite;
	"edge.agent_disarmed": AtSite;
	"edge.agent_disabled": AtSite;
	"edge.agent_enabled": AtSite;
	"edge.agent_removed": AtSite;
	/** Staff let an agent apply the snapshot that it held back. */
	"edge.hold_accepted": AtSite;
	"edge.drift_found": {
		/** Elements that were there and should not have been, and the other way round. */
		readonly extra: number;
		readonly missing: number;
		readonly tableGone: boolean;
		readonly isRepaired: boolean;
	};
	/** The subject is the agent, or the site as a whole. */
	"edge.alarm_raised": AtSite & { readonly alarm: string };
	"edge.alarm_cleared": AtSite & { readonly alarm: string };
	/** An operator has made keys of sealed messages. */
	"seal.keys_made": { readonly keyIds: readonly string[] };
	/** An operator has destroyed every key of the months before `before`; `keyIds` are those that were there. */
	"seal.keys_destroyed": {
		readonly before: string;
		readonly keyIds: readonly string[];
	};
	"database.restored": { readonly backupAt: string };
	"job.retried": { readonly kind: string };
	"job.dropped": { readonly kind: string };
	/** A file was stored; it waits to become an attachment. */
	"upload.received": {
		readonly ticketId: string | null;
		readonly byteLength: number;
		readonly contentType: string;
		/** `none`, `pending` or `clean`. */
		readonly scan: string;
	};
	/** One that had waited for a scanner is clean, or needs no scan any more. */
	"upload.scanned": Record<never, never>;
	/** Malware: nobody may have it, and it is removed. */
	"upload.infected": { readonly signature: string };
	/** It is removed: it `expired`, never arrived (`abandoned`), or could not be stored (`failed`). */
	"upload.discarded": { readonly reason: string };
	"attachment.added": {
		readonly ticketId: string;
		readonly messageId: string;
		readonly uploadId: string;
	};
	"attachment.read_by_staff": { readonly ticketId: string };
	"demo.loaded": { readonly clients: number };
	"demo.removed": Record<never, never>;
}

/** Why revisions start over: a backup was restored, the database is another one or on another timeline, an operator asked. */
export type EpochReason =
	| "restored"
	| "system_changed"
	| "timeline_changed"
	| "asked";

interface AtSite {
	readonly siteId: string;
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
