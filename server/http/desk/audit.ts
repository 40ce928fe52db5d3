/** The audit log, for administrators. */
import Type from "typebox";
import type { AuditRow } from "../../domain/audit/audit.ts";
import { listAudit as askForAudit } from "../../domain/audit/list-audit.ts";
import { route } from "../route.ts";
import { From, momentFrom, Until } from "./filters.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const DeskAuditRow = Type.Object({
	at: Type.String(),
	stream: Type.String({
		description: "The connection that wrote it; its rows have no gap.",
	}),
	seq: Type.Integer(),
	actorKind: Type.Enum(["customer", "staff", "agent", "system"]),
	actorId: Type.String(),
	keyId: Nullable,
	sessionId: Nullable,
	verb: Type.String({ description: "What was done: `approve-request`." }),
	kind: Type.String({ description: "What happened: `port25.approved`." }),
	subject: Type.String({ description: "Id of what it happened to." }),
	clientId: Nullable,
	eventId: Type.Integer(),
	data: Type.Unknown({ description: "Of the event: ids and words." }),
});

export const listAudit = route({
	method: "GET",
	path: "/api/desk/audit",
	name: "listAudit",
	summary: "Who did what, newest first",
	description:
		"Every change, and every time a member of staff read what a customer wrote (`port25.read_by_staff`).",
	tag: "Audit",
	scope: "desk:admin",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		actor: Type.Optional(
			Type.String({
				maxLength: 64,
				description: "Id of who acted, or a part of the system.",
			}),
		),
		subject: Type.Optional(Type.String({ maxLength: 64 })),
		kind: Type.Optional(Type.String({ maxLength: 64 })),
		verb: Type.Optional(Type.String({ maxLength: 64 })),
		since: From,
		until: Until,
	}),
	answer: {
		status: 200,
		description: "A page of the log.",
		schema: Type.Object({
			data: Type.Array(DeskAuditRow),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query, ask }) {
		const { limit = 20, since, until, ...filter } = query;
		const { data, nextCursor } = await ask(askForAudit, {
			...filter,
			limit,
			since: momentFrom(since, "since"),
			until: momentFrom(until, "until"),
		});
		return {
			data: data.map(present),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

function present(row: AuditRow) {
	return {
		at: row.at.toISOString(),
		stream: row.stream,
		seq: row.seq,
		actorKind: row.actorKind,
		actorId: row.actorId,
		keyId: row.keyId,
		sessionId: row.sessionId,
		verb: row.verb,
		kind: row.kind,
		subject: row.subject,
		clientId: row.clientId,
		eventId: row.eventId,
		data: row.data,
	};
}
