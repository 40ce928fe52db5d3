/** The edge, route by route: what agents read and say, and what administrators see of them. */
import { describe } from "vitest";
import { faces } from "../server/http/faces.ts";
import { playScenarios } from "./scenario.ts";
import { deskEdgeRows } from "./scenarios/desk-edge.ts";
import { edgeFeedRows } from "./scenarios/edge-feed.ts";
import { gateRows } from "./scenarios/gate.ts";
import { useStage } from "./stage.ts";

const edge = faces.filter(({ name }) => name === "edge");

describe("the edge", () => {
	playScenarios(useStage(), [...edge.flatMap(gateRows), ...edgeFeedRows]);
});

// On a stage of its own: agents at a site change what is told of everybody's entries there.
describe("the desk", () => {
	playScenarios(useStage(), deskEdgeRows);
});
