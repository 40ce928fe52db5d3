/** Every route of the first generation: the table of contents of `/api`. */
import type { Route } from "../route.ts";
import { listDepartmentsV1 } from "./departments.ts";
import { listPort25V1, submitPort25RequestV1 } from "./port25.ts";
import { createTicketV1, getTicketV1, listTicketsV1 } from "./tickets.ts";

export const v1Routes: readonly Route[] = [
	submitPort25RequestV1,
	listPort25V1,
	listDepartmentsV1,
	createTicketV1,
	listTicketsV1,
	getTicketV1,
];
