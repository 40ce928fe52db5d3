/** The second generation's tickets. */
import { playScenarios } from "./scenario.ts";
import { v2TicketRows } from "./scenarios/v2-tickets.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), v2TicketRows);
