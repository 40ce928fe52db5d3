/** The first generation, route by route. */
import { faces } from "../server/http/faces.ts";
import { playScenarios } from "./scenario.ts";
import { gateRows } from "./scenarios/gate.ts";
import { v1Port25Rows } from "./scenarios/v1-port25.ts";
import { v1TicketRows } from "./scenarios/v1-tickets.ts";
import { useStage } from "./stage.ts";

const v1 = faces.filter(({ name }) => name === "v1");

playScenarios(useStage(), [
	...v1.flatMap(gateRows),
	...v1Port25Rows,
	...v1TicketRows,
]);
