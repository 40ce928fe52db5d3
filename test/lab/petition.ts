/** What customer and reviewer do in the chain, by the API alone. */
import { expect } from "vitest";
import type { ControlPlane, LabCustomer } from "./control-plane.ts";
import type { HttpAnswer } from "./resident-commands.ts";

export interface Seen {
	readonly status: string;
	readonly enforcement: string;
	readonly openedAt: string | null;
}

/** Asks for port 25 on an address; the id of the pending request. */
export async function submit(
	plane: ControlPlane,
	{ key, vpsId }: LabCustomer,
	ipAddress: string,
): Promise<string> {
	const answer = await plane.ask(
		key,
		"POST",
		"/api/v2/support/port25-requests",
		{ vpsId, ipAddress, reason: "To send receipts to our own customers." },
	);
	expect(answer.status, answer.text).toBe(201);
	const { id, status } = JSON.parse(answer.text);
	expect(status).toBe("pending");
	return id;
}

/** Approves; the id of the allow-list entry, and when the reviewer asked and had the answer. */
export async function approve(
	plane: ControlPlane,
	requestId: string,
): Promise<HttpAnswer & { readonly entryId: string }> {
	const answer = await plane.ask(
		plane.reviewerKey,
		"POST",
		`/api/desk/port25-requests/${requestId}/actions/approve`,
		{},
	);
	expect(answer.status, answer.text).toBe(200);
	return { ...answer, entryId: JSON.parse(answer.text).entryId };
}

export async function revoke(
	plane: ControlPlane,
	entryId: string,
): Promise<HttpAnswer> {
	const answer = await plane.ask(
		plane.reviewerKey,
		"POST",
		`/api/desk/allowlist/${entryId}/actions/revoke`,
		{ reason: "Complaints about unsolicited mail." },
	);
	expect(answer.status, answer.text).toBe(200);
	return answer;
}

/** The request as its customer sees it. */
export async function seenBy(
	plane: ControlPlane,
	{ key }: LabCustomer,
	requestId: string,
): Promise<Seen> {
	const answer = await plane.ask(
		key,
		"GET",
		`/api/v2/support/port25-requests/${requestId}`,
	);
	const { status, enforcement, openedAt } = JSON.parse(answer.text);
	return { status, enforcement, openedAt };
}

/** Adds an address by hand; the id of its entry. */
export async function add(
	plane: ControlPlane,
	ipAddress: string,
): Promise<string> {
	const answer = await plane.ask(
		plane.reviewerKey,
		"POST",
		"/api/desk/allowlist",
		{ ipAddress, note: "Of the lab." },
	);
	expect(answer.status, answer.text).toBe(201);
	return JSON.parse(answer.text).id;
}

/** What the desk says of an entry: `pending`, `open`, … */
export async function enforcementOf(
	plane: ControlPlane,
	entryId: string,
): Promise<string> {
	const path = `/api/desk/allowlist/${entryId}`;
	const answer = await plane.ask(plane.reviewerKey, "GET", path);
	return JSON.parse(answer.text).enforcement;
}

interface Edge {
	readonly agents: readonly { readonly drift: Drift | null }[];
	readonly alarms: readonly {
		readonly kind: string;
		readonly clearedAt: string | null;
	}[];
}

export interface Drift {
	readonly tableGone: boolean;
	readonly extra: readonly string[];
	readonly missing: readonly string[];
	readonly by: string | null;
	readonly foundAt: string;
	readonly repairedAt: string | null;
}

/** The edge as the desk shows it: alarms that are on, and the last drift report. */
export async function edgeOf(
	plane: ControlPlane,
): Promise<{ alarms: string[]; drift: Drift | null }> {
	const answer = await plane.ask(plane.reviewerKey, "GET", "/api/desk/edge");
	const { agents, alarms }: Edge = JSON.parse(answer.text);
	return {
		alarms: alarms
			.filter(({ clearedAt }) => clearedAt === null)
			.map(({ kind }) => kind),
		drift: agents[0]?.drift ?? null,
	};
}
