/** The streams of both doors. */
import { playScenarios } from "./scenario.ts";
import { deskEventRows, v2EventRows } from "./scenarios/events.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), [...v2EventRows, ...deskEventRows]);
