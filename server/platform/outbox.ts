/**
 * What a transaction leaves behind: its events, one audit row for each, and the jobs they cause, in one statement.
 */
import { type Actor, actorId, keyIdOf, sessionIdOf } from "../kernel/actor.ts";
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

/** Something that happened: who did what, when. */
export interface Happening {
	readonly actor: Actor;
	readonly verb: string;
	readonly at: Date;
	readonly event: DomainEvent;
}

export interface Leavings {
	/** At least one, in the order in which they happened. */
	readonly happenings: readonly Happening[];
	/** What follows, each with the number (from 1) of the happening that causes it. */
	readonly jobs: readonly {
		readonly happening: number;
		readonly job: NewJob;
	}[];
	readonly stream: AuditStream;
}

/**
 * One statement that writes everything. The ids of the events are drawn first, so that audit rows and jobs can name
 * them; `ordinality` keeps the order in which they happened.
 */
export function leave({ happenings, jobs, stream }: Leavings): Statement {
	const column = <Value>(of: (happening: Happening) => Value) =>
		happenings.map(of);
	return sql`
		with happenings as materialized (
			select nextval('events_id_seq') as id, h.*
			from unnest(
				${column(({ event }) => event.kind)}::text[],
				${column(({ event }) => event.subject)}::text[],
				${column(({ event }) => event.clientId)}::text[],
				${column(({ event }) => JSON.stringify(event.data))}::jsonb[],
				${column(({ at }) => at)}::timestamptz[],
				${column(({ actor }) => actor.kind)}::text[],
				${column(({ actor }) => actorId(actor))}::text[],
				${column(({ actor }) => keyIdOf(actor))}::text[],
				${column(({ actor }) => sessionIdOf(actor))}::text[],
				${column(({ verb }) => verb)}::text[]
			) with ordinality as h
				(kind, subject, client_id, data, at, actor_kind, actor_id, key_id, session_id, verb, place)
		), written_events as (
			insert into events (id, kind, subject, client_id, data, at) overriding system value
			select id, kind, subject, client_id, data, at from happenings
		), written_audit as (
			insert into audit
				(stream, seq, at, actor_kind, actor_id, key_id, session_id, verb, kind, subject, client_id, event_id)
			select ${stream.id}, ${stream.seq}::bigint + place, at, actor_kind, actor_id, key_id, session_id, verb,
			       kind, subject, client_id, id
			from happenings
		)
		insert into jobs (kind, payload, event_id, run_at, created_at)
		select j.kind, j.payload, happenings.id, coalesce(j.run_at, happenings.at), happenings.at
		from unnest(
			${jobs.map(({ job }) => job.kind)}::text[],
			${jobs.map(({ job }) => JSON.stringify(job.payload))}::jsonb[],
			${jobs.map(({ job }) => job.runAt ?? null)}::timestamptz[],
			${jobs.map(({ happening }) => happening)}::bigint[]
		) as j (kind, payload, run_at, place)
		join happenings using (place)`;
}
