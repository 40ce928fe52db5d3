/** The grid is full: every route of every face has a row for each cell. */
import { describe, expect, test } from "vitest";
import { faces } from "../server/http/faces.ts";
import type { Route } from "../server/http/route.ts";
import { type Cell, cells, type Scenario } from "./scenario.ts";
import { boundAttachmentRows } from "./scenarios/bound-attachments.ts";
import { deskAdminRows } from "./scenarios/desk-admin.ts";
import { deskAllowlistRows } from "./scenarios/desk-allowlist.ts";
import { deskCredentialRows } from "./scenarios/desk-credentials.ts";
import { deskEdgeRows } from "./scenarios/desk-edge.ts";
import { deskInventoryRows } from "./scenarios/desk-inventory.ts";
import { deskPort25Rows } from "./scenarios/desk-port25.ts";
import { deskReviewRows } from "./scenarios/desk-review.ts";
import { deskSignInRows } from "./scenarios/desk-sign-in.ts";
import { deskStaffRows } from "./scenarios/desk-staff.ts";
import { deskTicketRows } from "./scenarios/desk-tickets.ts";
import { downloadRows } from "./scenarios/downloads.ts";
import { edgeFeedRows } from "./scenarios/edge-feed.ts";
import { deskEventRows, v2EventRows } from "./scenarios/events.ts";
import { gateRows, nameOf } from "./scenarios/gate.ts";
import { deskListRows, v2ListRows } from "./scenarios/lists.ts";
import { sessionRows } from "./scenarios/sessions.ts";
import { uploadRows } from "./scenarios/uploads.ts";
import { v1Port25Rows } from "./scenarios/v1-port25.ts";
import { v1TicketRows } from "./scenarios/v1-tickets.ts";
import { v2ApiKeyRows } from "./scenarios/v2-api-keys.ts";
import { v2InventoryRows } from "./scenarios/v2-inventory.ts";
import { v2Port25Rows } from "./scenarios/v2-port25.ts";
import { v2Port25BeforehandRows } from "./scenarios/v2-port25-beforehand.ts";
import { v2TicketRows } from "./scenarios/v2-tickets.ts";

const rows: readonly Scenario[] = [
	...faces.flatMap(gateRows),
	...v1Port25Rows,
	...v1TicketRows,
	...v2ApiKeyRows,
	...sessionRows,
	...uploadRows,
	...downloadRows,
	...boundAttachmentRows,
	...v2InventoryRows,
	...v2Port25Rows,
	...v2Port25BeforehandRows,
	...v2TicketRows,
	...v2ListRows,
	...v2EventRows,
	...deskEventRows,
	...deskPort25Rows,
	...deskReviewRows,
	...deskAllowlistRows,
	...deskAdminRows,
	...deskEdgeRows,
	...deskInventoryRows,
	...deskStaffRows,
	...deskSignInRows,
	...deskCredentialRows,
	...deskTicketRows,
	...deskListRows,
	...edgeFeedRows,
];

const routes = faces.flatMap((face) =>
	face.routes.map((route) => ({ face: face.name, route, name: nameOf(route) })),
);

/** The first generation ignores what it does not know: without body and parameters nothing can be wrong. */
function cellsOf(face: string, route: Route): readonly Cell[] {
	const takesNothing =
		face === "v1" &&
		[route.body, route.params, route.query].every((part) => part === undefined);
	// Who comes to sign in has no credentials to be missing, and nothing is anybody's yet.
	const asksNobody = route.kind === "open";
	return cells.filter((cell) =>
		cell === "bad input" ? !takesNothing : cell === "happy" || !asksNobody,
	);
}

describe("the grid", () => {
	test.each(routes)(
		"$name is looked at from every side",
		({ face, route, name }) => {
			const own = rows.filter((row) => row.route === name);
			const missing = cellsOf(face, route).filter(
				(cell) => !own.some((row) => row.cell === cell),
			);
			expect(missing).toEqual([]);
		},
	);

	test("has rows only for routes that there are", () => {
		const known = new Set<string>(routes.map(({ name }) => name));
		expect(rows.filter((row) => !known.has(row.route))).toEqual([]);
	});

	test("says each thing once", () => {
		const names = rows.map(({ route, name }) => `${route} ${name}`);
		expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
	});
});
