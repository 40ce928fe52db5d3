/** What bad input gets: a clear problem, and nothing written. */
import { playScenarios } from "./scenario.ts";
import { badBodyRows } from "./scenarios/bad-bodies.ts";
import { badRequestRows } from "./scenarios/bad-requests.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), [...badBodyRows, ...badRequestRows]);
