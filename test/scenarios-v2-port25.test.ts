/** The second generation's port 25 requests. */
import { playScenarios } from "./scenario.ts";
import { v2Port25Rows } from "./scenarios/v2-port25.ts";
import { v2Port25BeforehandRows } from "./scenarios/v2-port25-beforehand.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), [...v2Port25Rows, ...v2Port25BeforehandRows]);
