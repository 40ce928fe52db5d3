/** The lists there are, and how each is filled. */
import type { Scenario } from "../scenario.ts";
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

const review: List = {
	...requests,
	route: "GET /api/desk/port25-requests",
	as: "staff",
};

export const v2ListRows: readonly Scenario[] = [
	...pageRows(vps, hosting),
	...pageRows(hosting, vps),
	...pageRows(domains, requests),
	...pageRows(requests, domains),
	...[vps, hosting, domains, requests].map(foreignCursorRow),
	filteredCursorRow(vps, "name=app"),
	filteredCursorRow(vps, "primaryIp=10.0.0.1"),
	filteredCursorRow(domains, "name=example.com"),
	filteredCursorRow(requests, "status=pending"),
	filteredCursorRow(requests, "vpsId=vps_01hxa3b4c5d6e7f8g9h0j1k2m3"),
];

export const deskListRows: readonly Scenario[] = [
	...pageRows(review, requests),
	filteredCursorRow(review, "state=pending"),
];
