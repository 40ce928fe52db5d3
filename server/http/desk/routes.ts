/** Every route of the staff: the table of contents of `/api/desk`. */
import type { Route } from "../route.ts";
import {
	approvePort25Request,
	getPort25Receipt,
	listPort25RequestsForReview,
	rejectPort25Request,
} from "./port25.ts";

export const deskRoutes: readonly Route[] = [
	listPort25RequestsForReview,
	getPort25Receipt,
	approvePort25Request,
	rejectPort25Request,
];
