/** The lists there are, and how each is filled. */
import type { Scenario } from "../scenario.ts";
import { foreignCursorRow, type List, pageRows, twice } from "./pages.ts";

const vps: List = {
	route: "GET /api/v2/vps",
	as: "prepaid",
	limitMax: 100,
	filter: "name=app",
	fill: (scene, owner) => twice(scene, () => owner.client.addVps()),
};

const hosting: List = {
	route: "GET /api/v2/shared-hosting",
	as: "prepaid",
	limitMax: 100,
	filter: "",
	fill: (scene, owner) =>
		twice(scene, () => scene.addService("hosting", owner)),
};

const domains: List = {
	route: "GET /api/v2/domains",
	as: "prepaid",
	limitMax: 1000,
	filter: "name=example.com",
	fill: (scene, owner) => twice(scene, () => scene.addService("domain", owner)),
};

const requests: List = {
	route: "GET /api/v2/support/port25-requests",
	as: "prepaid",
	limitMax: 100,
	filter: "status=pending",
	fill: (scene, owner) =>
		twice(scene, async () =>
			scene.submit(owner, { vps: await owner.client.addVps() }),
		),
};

const review: List = {
	...requests,
	route: "GET /api/desk/port25-requests",
	as: "staff",
	filter: "state=pending",
};

export const v2ListRows: readonly Scenario[] = [
	...pageRows(vps, hosting),
	...pageRows(hosting, vps),
	...pageRows(domains, requests),
	...pageRows(requests, domains),
	...[vps, hosting, domains, requests].map(foreignCursorRow),
];

/** The other list is a customer's: staff cannot ask for its cursor themselves. */
export const deskListRows: readonly Scenario[] = pageRows(review, review);
