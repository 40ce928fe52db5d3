/** The edge, route by route. */
import { faces } from "../server/http/faces.ts";
import { playScenarios } from "./scenario.ts";
import { edgeFeedRows } from "./scenarios/edge-feed.ts";
import { gateRows } from "./scenarios/gate.ts";
import { useStage } from "./stage.ts";

const edge = faces.filter(({ name }) => name === "edge");

playScenarios(useStage(), [...edge.flatMap(gateRows), ...edgeFeedRows]);
