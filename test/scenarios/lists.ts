/** The lists there are, and how each is filled. */
import type { Scenario } from "../scenario.ts";
import { open } from "../tickets.ts";
import {
	filteredCursorRow,
	foreignCursorRow,
	type List,
	pageRows,
	twice,
} from "./pages.ts";

const vps: List = {
	route: "GET /api/v2/vps",
	as: "prepaid",
	limitMax: 100,
	fill: (scene, owner) => twice(scene, () => owner.client.addVps()),
};

const hosting: List = {
	route: "GET /api/v2/shared-hosting",
	as: "prepaid",
	limitMax: 100,
	fill: (scene, owner) =>
		twice(scene, () => scene.addService("hosting", owner)),
};

const domains: List = {
	route: "GET /api/v2/domains",
	as: "prepaid",
	limitMax: 1000,
	fill: (scene, owner) => twice(scene, () => scene.addService("domain", owner)),
};

const requests: List = {
	route: "GET /api/v2/support/port25-requests",
	as: "prepaid",
	limitMax: 100,
	fill: (scene, owner) =>
		twice(scene, async () =>
			scene.submit(owner, { vps: await owner.client.addVps() }),
		),
};

const addresses: List = {
	route: "GET /api/v2/support/port25-addresses",
	as: "prepaid",
	limitMax: 100,
	key: "ipAddress",
	fill: (scene, owner) => twice(scene, () => owner.client.addVps()),
};

const keys: List = {
	route: "GET /api/v2/api-keys",
	as: "prepaid",
	limitMax: 100,
	fill: (scene, { client }) =>
		twice(scene, () => scene.addKey({ clientId: client.id }, ["read:vm"])),
};

const tickets: List = {
	route: "GET /api/v2/support/tickets",
	as: "prepaid",
	limitMax: 100,
	fill: (scene, owner) => twice(scene, () => open(scene, owner)),
};

const review: List = {
	...requests,
	route: "GET /api/desk/port25-requests",
	as: "staff",
};

const allowlist: List = {
	route: "GET /api/desk/allowlist",
	as: "staff",
	limitMax: 100,
	fill: (scene, owner) =>
		twice(scene, async () => {
			const { ip } = await owner.client.addVps();
			return scene.call(
				"POST /api/desk/allowlist",
				{ body: { ipAddress: ip, note: "Called." } },
				scene.staff.key,
			);
		}),
};

const staff: List = {
	...allowlist,
	route: "GET /api/desk/staff",
	fill: (scene) =>
		twice(scene, () =>
			scene.call(
				"POST /api/desk/staff",
				{ body: { name: "Grace", role: "agent" } },
				scene.staff.key,
			),
		),
};

const audit: List = {
	...allowlist,
	route: "GET /api/desk/audit",
};

const deskTickets: List = {
	...allowlist,
	route: "GET /api/desk/tickets",
	fill: tickets.fill,
};

export const v2ListRows: readonly Scenario[] = [
	...pageRows(vps, hosting),
	...pageRows(hosting, vps),
	...pageRows(domains, requests),
	...pageRows(requests, domains),
	...pageRows(addresses, requests),
	...pageRows(keys, requests),
	...pageRows(tickets, requests),
	...[vps, hosting, domains, requests, addresses, keys, tickets].map(
		foreignCursorRow,
	),
	filteredCursorRow(vps, "name=app"),
	filteredCursorRow(vps, "primaryIp=10.0.0.1"),
	filteredCursorRow(domains, "name=example.com"),
	filteredCursorRow(requests, "status=pending"),
	filteredCursorRow(requests, "vpsId=vps_01hxa3b4c5d6e7f8g9h0j1k2m3"),
	filteredCursorRow(tickets, "q=zebra"),
	filteredCursorRow(tickets, "status=open"),
	filteredCursorRow(tickets, "departmentSlug=vps"),
	filteredCursorRow(tickets, "updatedAfter=2026-01-01T00:00:00Z"),
];

// Rows of the log have no id of their own, so what is compared page by page is left to the verb's own test.
const auditPageRows = pageRows(audit, review).filter(
	({ name }) => !name.startsWith("goes on where"),
);

export const deskListRows: readonly Scenario[] = [
	...pageRows(review, requests),
	filteredCursorRow(review, "state=pending"),
	filteredCursorRow(review, "tier=0"),
	filteredCursorRow(review, "requestedAfter=2026-01-01T00:00:00Z"),
	filteredCursorRow(review, "clientLegacyId=30001"),
	...pageRows(allowlist, review),
	filteredCursorRow(allowlist, "state=active"),
	filteredCursorRow(allowlist, "ipAddress=198.18.0.0/15"),
	...pageRows(staff, review),
	...pageRows(deskTickets, review),
	filteredCursorRow(deskTickets, "status=open"),
	filteredCursorRow(deskTickets, "departmentSlug=vps"),
	filteredCursorRow(deskTickets, "priority=medium"),
	filteredCursorRow(deskTickets, "clientLegacyId=30001"),
	...auditPageRows,
	filteredCursorRow(audit, "verb=add-entry-by-hand"),
	filteredCursorRow(audit, "since=2026-01-01T00:00:00Z"),
];
