/**
 * What a transaction leaves behind: its events, one audit row for each, and the jobs they cause, in one statement.
 */
import { type Actor, actorId } from "../kernel/actor.ts";
import type { DomainEvent } from "../kernel/events.ts";
import type { Settings } from "../kernel/settings.ts";
import { type Statement, sql } from "./sql.ts";

/** Something that shall be done because of an event. */
export interface NewJob {
	readonly kind: string;
	/** Ids and words; a job reads what it needs when it runs. */
	readonly payload: Readonly<Record<string, string | number | boolean | null>>;
	/** The earliest moment it may run; at once when absent. */
	readonly runAt?: Date;
}

/** Which jobs an event causes; the application's list is `server/jobs.ts`. */
export type Reactions = (
	event: DomainEvent,
	at: Date,
	settings: Settings,
) => readonly NewJob[];

/** Where the audit rows of one connection go: rows of a stream are written one after another and seq has no gap. */
export interface AuditStream {
	readonly id: string;
	/** Of the last row that was committed. */
	seq: number;
}

export interface Leavings {
	readonly actor: Actor;
	readonly verb: string;
	readonly at: Date;
	readonly events: readonly DomainEvent[];
	readonly jobs: readonly { readonly event: number; readonly job: NewJob }[];
	readonly stream: AuditStream;
}

/**
 * One statement that writes everything. The ids of the events are drawn first, so that audit rows and jobs can name
 * them; `ordinality` keeps the order in which the verb emitted.
 */
export function leave(leavings: Leavings): Statement {
	const { actor, verb, at, events, jobs, stream } = leavings;
	const keyId = actor.kind === "system" ? null : actor.keyId;
	return sql`
		with new_events as materialized (
			select nextval('events_id_seq') as id, e.*
			from unnest(
				${events.map((event) => event.kind)}::text[],
				${events.map((event) => event.subject)}::text[],
				${events.map((event) => event.clientId)}::text[],
				${events.map((event) => JSON.stringify(event.data))}::jsonb[]
			) with ordinality as e (kind, subject, client_id, data, place)
		), written_events as (
			insert into events (id, kind, subject, client_id, data, at) overriding system value
			select id, kind, subject, client_id, data, ${at} from new_events
		), written_audit as (
			insert into audit (stream, seq, at, actor_kind, actor_id, key_id, verb, kind, subject, client_id, event_id)
			select ${stream.id}, ${stream.seq}::bigint + place, ${at}, ${actor.kind}, ${actorId(actor)}, ${keyId}, ${verb},
			       kind, subject, client_id, id
			from new_events
		)
		insert into jobs (kind, payload, event_id, run_at, created_at)
		select j.kind, j.payload, new_events.id, j.run_at, ${at}
		from unnest(
			${jobs.map(({ job }) => job.kind)}::text[],
			${jobs.map(({ job }) => JSON.stringify(job.payload))}::jsonb[],
			${jobs.map(({ job }) => job.runAt ?? at)}::timestamptz[],
			${jobs.map(({ event }) => event)}::bigint[]
		) as j (kind, payload, run_at, place)
		join new_events using (place)`;
}
