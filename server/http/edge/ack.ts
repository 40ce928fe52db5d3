/** What agents at the edge say: where they stand, and what is wrong. */
import Type from "typebox";
import { type Ack, edgeLimits } from "../../../contract/edge-protocol.ts";
import { type Report, reportedAlarmKinds } from "../../domain/edge/report.ts";
import { agentOf } from "../../kernel/actor.ts";
import { instantFrom } from "../instants.ts";
import { route } from "../route.ts";
import { positionFields, Sum } from "./shapes.ts";

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Moment = Type.String({ format: "date-time", maxLength: 40 });
const Word = Type.String({ format: "not-blank", maxLength: 64 });
const Elements = Type.Array(Type.String({ maxLength: 64 }), {
	maxItems: edgeLimits.driftElementsMax,
});

const DriftShape = Type.Object({
	extra: Elements,
	missing: Elements,
	extraCount: Count,
	missingCount: Count,
	tableGone: Type.Boolean(),
	by: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
	foundAt: Moment,
	repairedAt: Type.Union([Moment, Type.Null()]),
});

const AckShape = Type.Object({
	...positionFields,
	agent: Type.String({ format: "not-blank", maxLength: 255 }),
	instance: Type.String({ pattern: "^[A-Za-z0-9-]{8,64}$" }),
	version: Word,
	driver: Word,
	kernelSum: Type.Union([Sum, Type.Null()], {
		description: "Null when nothing has been listed since the last change.",
	}),
	armed: Type.Boolean(),
	drift: Type.Union([DriftShape, Type.Null()]),
	counters: Type.Union([
		Type.Object({
			allowed: Count,
			refused: Count,
			spoofed: Count,
			fragments: Count,
		}),
		Type.Null(),
	]),
	alarms: Type.Array(
		Type.Object({
			kind: Type.Enum([...reportedAlarmKinds]),
			detail: Type.String({ maxLength: 500 }),
			since: Moment,
		}),
		{ maxItems: edgeLimits.alarmsMax },
	),
});

export const postAck = route({
	method: "POST",
	path: "/api/edge/ack",
	name: "postAck",
	summary: "Say what the agent has made true",
	description:
		"Sent after every change that was applied, and every 30 seconds. A position counts when the site had that very set at that revision. Saying the same again changes nothing.",
	tag: "Feed",
	scope: "edge:read",
	isRepeatable: true,
	body: AckShape,
	answer: {
		status: 200,
		description: "Where the site stands now.",
		schema: Type.Object({
			epoch: Type.String(),
			rev: Type.Integer(),
			acceptHeld: Type.Boolean({
				description:
					"The snapshot that is held back, by the `since` of its alarm, was accepted at the desk.",
			}),
		}),
	},
	async handle({ actor, body, edge }) {
		const answer = await edge.report(agentOf(actor), reportFrom(body));
		return {
			epoch: answer.epoch,
			rev: answer.revision,
			acceptHeld: answer.acceptHeld,
		};
	},
});

/** Refuses `request.invalid` for a moment that there is not. */
function reportFrom(ack: Ack): Report {
	const { agent, instance, version, driver, armed, kernelSum, counters } = ack;
	return {
		position: {
			epoch: ack.epoch.toLowerCase(),
			revision: ack.rev,
			size: ack.n,
			sum: ack.sum,
		},
		host: agent,
		instance,
		version,
		driver,
		armed,
		kernelSum,
		counters,
		drift: ack.drift && {
			...ack.drift,
			foundAt: instantFrom(ack.drift.foundAt, "/drift/foundAt"),
			repairedAt:
				ack.drift.repairedAt === null
					? null
					: instantFrom(ack.drift.repairedAt, "/drift/repairedAt"),
		},
		alarms: ack.alarms.map(({ kind, detail, since }, i) => ({
			kind,
			detail,
			since: instantFrom(since, `/alarms/${i}/since`),
		})),
	};
}
