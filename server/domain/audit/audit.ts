/**
 * The audit log: who did what to which thing, when. One row for each event, written in the commit of the change and never
 * changed. A stream is one writing connection; its rows are numbered without a gap (docs/decisions/0004).
 */
export interface AuditRow {
	readonly at: Date;
	readonly stream: string;
	readonly seq: number;
	readonly actorKind: "customer" | "staff" | "agent" | "system";
	readonly actorId: string;
	/** The key the actor came with; null with a session and for the system. */
	readonly keyId: string | null;
	/** The session the actor came with; null with a key and for the system. */
	readonly sessionId: string | null;
	/** What was done, in the imperative: `approve-request`. */
	readonly verb: string;
	/** What happened, in the past tense: `port25.approved`. */
	readonly kind: string;
	/** Id of the thing it happened to. */
	readonly subject: string;
	readonly clientId: string | null;
	readonly eventId: number;
	/** Of the event: ids and words. */
	readonly data: unknown;
}
