/** Sessions: who is signed in without a key, what they see of it, and what no other site can do with it. */

import { playScenarios } from "./scenario.ts";
import { sessionRows } from "./scenarios/sessions.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), sessionRows);
