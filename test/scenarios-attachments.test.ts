/** Files in and out, route by route. */
import { playScenarios } from "./scenario.ts";
import { boundAttachmentRows } from "./scenarios/bound-attachments.ts";
import { attachmentRows } from "./scenarios/v2-attachments.ts";
import { useStage } from "./stage.ts";

playScenarios(useStage(), [...attachmentRows, ...boundAttachmentRows]);
