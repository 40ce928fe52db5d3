/** Every route of the first generation: the table of contents of `/api`. */
import type { Route } from "../route.ts";
import { listPort25V1, submitPort25RequestV1 } from "./port25.ts";

export const v1Routes: readonly Route[] = [submitPort25RequestV1, listPort25V1];
