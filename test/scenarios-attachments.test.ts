/** Files in and out, route by route. */
import { playScenarios } from "./scenario.ts";
import { boundAttachmentRows } from "./scenarios/bound-attachments.ts";
import { downloadRows } from "./scenarios/downloads.ts";
import { uploadRows } from "./scenarios/uploads.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), [
	...uploadRows,
	...downloadRows,
	...boundAttachmentRows,
]);
