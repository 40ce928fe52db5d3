/** Credentials that are none, and those that are. */
import { playScenarios } from "./scenario.ts";
import { credentialRows } from "./scenarios/credentials.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), credentialRows);
