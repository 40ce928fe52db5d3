/** The second generation, route by route. */
import { faces } from "../server/http/faces.ts";
import { playScenarios } from "./scenario.ts";
import { gateRows } from "./scenarios/gate.ts";
import { v2ListRows } from "./scenarios/lists.ts";
import { v2ApiKeyRows } from "./scenarios/v2-api-keys.ts";
import { v2InventoryRows } from "./scenarios/v2-inventory.ts";
import { useStage } from "./stage.ts";

const v2 = faces.filter(({ name }) => name === "v2");

playScenarios(useStage(), [
	...v2.flatMap(gateRows),
	...v2ApiKeyRows,
	...v2InventoryRows,
	...v2ListRows,
]);
