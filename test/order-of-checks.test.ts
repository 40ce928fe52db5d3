/** Which refusal answers when several would. */
import { playScenarios } from "./scenario.ts";
import { orderRows, perMinute } from "./scenarios/order.ts";
import { useStage } from "./stage.ts";

playScenarios(
	useStage({ key: perMinute, client: 10_000, strangers: 10_000 }),
	orderRows,
);
