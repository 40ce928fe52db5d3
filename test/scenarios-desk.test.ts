/** The desk, route by route. */
import { faces } from "../server/http/faces.ts";
import { playScenarios } from "./scenario.ts";
import { deskAdminRows } from "./scenarios/desk-admin.ts";
import { deskAllowlistRows } from "./scenarios/desk-allowlist.ts";
import { deskInventoryRows } from "./scenarios/desk-inventory.ts";
import { deskPort25Rows } from "./scenarios/desk-port25.ts";
import { deskReviewRows } from "./scenarios/desk-review.ts";
import { deskStaffRows } from "./scenarios/desk-staff.ts";
import { gateRows } from "./scenarios/gate.ts";
import { deskListRows } from "./scenarios/lists.ts";
import { useStage } from "./stage.ts";

const desk = faces.filter(({ name }) => name === "desk");

playScenarios(useStage(), [
	...desk.flatMap(gateRows),
	...deskPort25Rows,
	...deskReviewRows,
	...deskAllowlistRows,
	...deskAdminRows,
	...deskInventoryRows,
	...deskStaffRows,
	...deskListRows,
]);
