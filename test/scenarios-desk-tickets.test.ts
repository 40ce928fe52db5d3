/** The desk's tickets and departments. */
import { playScenarios } from "./scenario.ts";
import { deskTicketRows } from "./scenarios/desk-tickets.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), deskTicketRows);
