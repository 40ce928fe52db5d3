/**
 * Who may hear of what on the streams (contract 14.61). Each kind of event is answered for: a new one does not compile
 * before somebody has said which customers and which staff hear of it.
 */
import {
	type CustomerScope,
	type StaffScope,
	scopesSatisfy,
} from "../../kernel/actor.ts";
import type { EventKind } from "../../kernel/events.ts";
import type { Place } from "./place.ts";

/** An event as streams read it. */
export interface PastEvent {
	readonly place: Place;
	readonly kind: string;
	readonly subject: string;
	readonly clientId: string | null;
	/** The service that it concerns, where its data names one. */
	readonly serviceId: string | null;
}

interface Audience {
	/**
	 * The scope with which customers hear of it when it is their own; `service` is the scope that reads services of its sort;
	 * null when no customer ever does.
	 */
	readonly customer: CustomerScope | "service" | null;
	/** The scope with which staff hear of it. */
	readonly staff: StaffScope | null;
}

const ofService: Audience = { customer: "service", staff: "desk:inventory" };
const ofKey: Audience = { customer: "read:account", staff: "desk:admin" };
const ofRequest: Audience = { customer: "read:support", staff: "desk:review" };
const ofEntry: Audience = { customer: "read:support", staff: "desk:review" };
const ofTicket: Audience = { customer: "read:support", staff: "desk:tickets" };
const ofInstallation: Audience = { customer: null, staff: "desk:admin" };
/** What staff looked at is in the audit log and changes nothing. */
const nobody: Audience = { customer: null, staff: null };

export const audienceOf = {
	// Also told when what is known against a customer changes, which is not for the customer to see.
	"client.saved": { customer: null, staff: "desk:inventory" },
	"client.keys_read_by_staff": nobody,
	"service.saved": ofService,
	"service.ended": ofService,
	"lease.started": ofService,
	"lease.ended": ofService,
	"staff.added": ofInstallation,
	"staff.renamed": ofInstallation,
	"staff.role_changed": ofInstallation,
	"staff.disabled": ofInstallation,
	"staff.enabled": ofInstallation,
	"staff.email_set": ofInstallation,
	"staff.invited": ofInstallation,
	"staff.access_reset": ofInstallation,
	"staff.credential_added": ofInstallation,
	"staff.credential_removed": ofInstallation,
	"staff.recovery_code_used": ofInstallation,
	"key.created": ofKey,
	"key.changed": ofKey,
	"key.rolled": ofKey,
	"key.revoked": ofKey,
	"session.offered": nobody,
	"session.mail_requested": nobody,
	"session.begun": ofKey,
	"session.ended": ofKey,
	"site.saved": ofInstallation,
	"policy.adopted": ofInstallation,
	"port25.requested": ofRequest,
	"port25.approved": ofRequest,
	"port25.rejected": ofRequest,
	"port25.withdrawn": ofRequest,
	"port25.expired": ofRequest,
	"port25.reopened": ofRequest,
	"port25.read_by_staff": nobody,
	"ticket.opened": ofTicket,
	"ticket.replied": ofTicket,
	"ticket.answered": ofTicket,
	"ticket.noted": { customer: null, staff: "desk:tickets" },
	"ticket.started": ofTicket,
	"ticket.held": ofTicket,
	"ticket.closed": ofTicket,
	"ticket.reopened": ofTicket,
	"ticket.cc_changed": ofTicket,
	"ticket.read_by_staff": nobody,
	"upload.received": ofTicket,
	"upload.scanned": ofTicket,
	"upload.infected": ofTicket,
	"upload.discarded": ofTicket,
	"attachment.added": ofTicket,
	"attachment.read_by_staff": nobody,
	"department.saved": { customer: null, staff: "desk:tickets" },
	"allowlist.entry_added": ofEntry,
	"allowlist.entry_suspended": ofEntry,
	"allowlist.entry_resumed": ofEntry,
	"allowlist.entry_revoked": ofEntry,
	"allowlist.entry_opened": ofEntry,
	"allowlist.entry_closed": ofEntry,
	// Which site enforces an address is the provider's own affair.
	"allowlist.entry_moved": { customer: null, staff: "desk:review" },
	"site.epoch_begun": ofInstallation,
	"edge.agent_added": ofInstallation,
	"edge.agent_met": ofInstallation,
	"edge.agent_armed": ofInstallation,
	"edge.agent_disarmed": ofInstallation,
	"edge.agent_disabled": ofInstallation,
	"edge.agent_enabled": ofInstallation,
	"edge.agent_removed": ofInstallation,
	"edge.hold_accepted": ofInstallation,
	"edge.drift_found": ofInstallation,
	"edge.alarm_raised": ofInstallation,
	"edge.alarm_cleared": ofInstallation,
	"seal.keys_made": ofInstallation,
	"seal.keys_destroyed": ofInstallation,
	"database.restored": ofInstallation,
	"job.retried": ofInstallation,
	"job.dropped": ofInstallation,
	"demo.loaded": ofInstallation,
	"demo.removed": ofInstallation,
} as const satisfies Record<EventKind, Audience>;

/** Which scope reads a service, by what its id begins with. */
const scopeOfService = new Map<string, CustomerScope>([
	["vps", "read:vm"],
	["acct", "read:hosting"],
	["dom", "read:domains"],
]);

/** All scopes with which a stream of customers has something to tell. */
export const customerStreamScopes = [
	"read:support",
	"read:account",
	"read:vm",
	"read:hosting",
	"read:domains",
] as const satisfies readonly CustomerScope[];

/** All scopes with which a stream of staff has something to tell. */
export const staffStreamScopes = [
	"desk:tickets",
	"desk:review",
	"desk:inventory",
	"desk:admin",
] as const satisfies readonly StaffScope[];

/** Whether a customer with these scopes may hear of an event of the customer's own. */
export function customerHears(
	event: PastEvent,
	client: { readonly clientId: string; readonly scopes: readonly string[] },
): boolean {
	if (event.clientId !== client.clientId) return false;
	const wanted = audienceAt(event)?.customer ?? null;
	const scope =
		wanted === "service"
			? scopeOfService.get(subjectOf(event).split("_")[0] ?? "")
			: wanted;
	return (scope ?? null) !== null && holds(client.scopes, scope);
}

/** Whether a member of staff with these scopes may hear of it. */
export function staffHears(
	event: PastEvent,
	scopes: readonly string[],
): boolean {
	return holds(scopes, audienceAt(event)?.staff);
}

/** What the event is about, as its readers know it: a lease is an address of a service. */
export function subjectOf({ kind, subject, serviceId }: PastEvent): string {
	return kind.startsWith("lease.") ? (serviceId ?? subject) : subject;
}

function holds(
	scopes: readonly string[],
	wanted: CustomerScope | StaffScope | null | undefined,
): boolean {
	return (
		wanted !== null && wanted !== undefined && scopesSatisfy(scopes, wanted)
	);
}

/** Undefined for a kind that this version does not know: a newer one wrote it, and tells of it. */
function audienceAt({ kind }: PastEvent): Audience | undefined {
	return isKnown(kind) ? audienceOf[kind] : undefined;
}

function isKnown(kind: string): kind is EventKind {
	return Object.hasOwn(audienceOf, kind);
}
