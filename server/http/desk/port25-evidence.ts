/** What a reviewer decides a port 25 request on. Each read is put on record (docs/decisions/0011). */
import Type from "typebox";
import {
	type Evidence,
	readEvidence,
} from "../../domain/port25/read-evidence.ts";
import { readReceipt } from "../../domain/port25/read-receipt.ts";
import { readRequest } from "../../domain/port25/read-request.ts";
import { route } from "../route.ts";
import { DeskAddressHistory, presentHistory } from "./addresses.ts";
import { DeskEntry, presentEntry } from "./entry-shapes.ts";
import {
	DeskPort25Request,
	DeskPort25RequestDetail,
	presentRequest,
	presentRequestDetail,
} from "./port25-shapes.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

const Id = Type.Object({ id: Type.String() });

const Fact = Type.Object({
	name: Type.String(),
	value: Type.Unknown({ description: "Null when it is not known." }),
	source: Nullable,
	observedAt: Nullable,
	ageSeconds: Type.Union([Type.Integer(), Type.Null()], {
		description: "From when it was observed until now.",
	}),
});

const Reopening = Type.Object({
	at: Type.String(),
	staffId: Type.String(),
	reason: Type.String(),
	decision: Type.Enum(["approved", "rejected"]),
	decidedAt: Type.String(),
	decidedBy: Type.Enum(["staff", "system"]),
	decidedById: Type.String(),
	decisionReason: Nullable,
	entryId: Nullable,
});

const DeskEvidence = Type.Object({
	request: DeskPort25RequestDetail,
	facts: Type.Array(Fact, {
		description: "As they were when the request was submitted.",
	}),
	evaluation: Type.Unknown({
		description:
			"Requirement, tier, verdict and trace: what the policy made of the facts.",
	}),
	reopenings: Type.Array(Reopening, {
		description: "Decisions on it that were taken back, the oldest first.",
	}),
	client: Type.Object(
		{
			requests: Type.Array(DeskPort25Request),
			entries: Type.Array(DeskEntry),
			isComplete: Type.Boolean({
				description: "False when only the newest 100 of a list are given.",
			}),
		},
		{ description: "All of this client, this request too; the oldest first." },
	),
	address: DeskAddressHistory,
});

export const getPort25RequestForReview = route({
	method: "GET",
	path: "/api/desk/port25-requests/{id}",
	name: "getPort25RequestForReview",
	summary: "Get a Port 25 request with what the customer wrote",
	description: "The audit log shows who read it.",
	tag: "Review",
	scope: "desk:review",
	params: Id,
	answer: {
		status: 200,
		description: "The request.",
		schema: DeskPort25RequestDetail,
	},
	refusals: ["resource.not_found"],
	async handle({ params, apply }) {
		return presentRequestDetail(await apply(readRequest, { id: params.id }));
	},
});

export const getPort25Evidence = route({
	method: "GET",
	path: "/api/desk/port25-requests/{id}/evidence",
	name: "getPort25Evidence",
	summary: "Everything a decision rests on, in one answer",
	description:
		"The request, the facts with their source and age, the trace, and the history of the client and of the address. The audit log shows who read it.",
	tag: "Review",
	scope: "desk:review",
	params: Id,
	answer: { status: 200, description: "The evidence.", schema: DeskEvidence },
	refusals: ["resource.not_found"],
	async handle({ params, apply }) {
		return present(await apply(readEvidence, { id: params.id }));
	},
});

export const getPort25Receipt = route({
	method: "GET",
	path: "/api/desk/port25-requests/{id}/receipt",
	name: "getPort25Receipt",
	summary: "The receipt of a decision: policy, facts, trace and verdict",
	description: "The audit log shows who read it.",
	tag: "Review",
	scope: "desk:review",
	params: Id,
	answer: {
		status: 200,
		description: "The receipt.",
		schema: Type.Object({
			requestId: Type.String(),
			policy: Type.Unknown({
				description: "The policy document that decided.",
			}),
			receipt: Type.Unknown({
				description: "Policy version and hash, facts, trace and verdict.",
			}),
		}),
	},
	refusals: ["resource.not_found"],
	handle: ({ params, apply }) => apply(readReceipt, { id: params.id }),
});

function present(evidence: Evidence) {
	const { client } = evidence;
	return {
		request: presentRequestDetail(evidence.request),
		facts: [...evidence.facts],
		evaluation: evidence.evaluation,
		reopenings: evidence.reopenings.map((one) => ({
			at: one.at.toISOString(),
			staffId: one.staffId,
			reason: one.reason,
			decision: one.decision,
			decidedAt: one.decidedAt.toISOString(),
			decidedBy: one.decidedBy,
			decidedById: one.decidedById,
			decisionReason: one.decisionReason,
			entryId: one.entryId,
		})),
		client: {
			requests: client.requests.map(presentRequest),
			entries: client.entries.map(presentEntry),
			isComplete: client.isComplete,
		},
		address: presentHistory(evidence.address),
	};
}
