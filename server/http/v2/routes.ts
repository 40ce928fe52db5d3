/** Every route of the second generation: the table of contents of `/api/v2`. */
import type { Route } from "../route.ts";
import { sessionRoutes } from "../session-routes.ts";
import {
	createApiKey,
	deleteApiKey,
	getApiKey,
	listApiKeys,
	patchApiKey,
	rollApiKey,
} from "./api-keys.ts";
import {
	deleteUpload,
	downloadAttachment,
	uploadAttachment,
} from "./attachments.ts";
import { listDepartments } from "./departments.ts";
import { listDomains } from "./domains.ts";
import { streamEvents } from "./events.ts";
import { getMe } from "./me.ts";
import {
	getPort25Request,
	listPort25Requests,
	submitPort25Request,
	withdrawPort25Request,
} from "./port25.ts";
import {
	getPort25Eligibility,
	listPort25Addresses,
} from "./port25-beforehand.ts";
import { listSharedHosting } from "./shared-hosting.ts";
import { getProvider, postProvider } from "./sign-in.ts";
import {
	closeTicket,
	patchTicket,
	reopenTicket,
	replyToTicket,
} from "./ticket-actions.ts";
import { createTicket, getTicket, listTickets } from "./tickets.ts";
import { getVps, listVps } from "./vps.ts";

export const v2Routes: readonly Route[] = [
	getMe,
	...sessionRoutes({
		prefix: "/api/v2",
		reading: ["read:account"],
		ending: ["write:account"],
	}),
	getProvider,
	postProvider,
	listApiKeys,
	createApiKey,
	getApiKey,
	patchApiKey,
	deleteApiKey,
	rollApiKey,
	listVps,
	getVps,
	listSharedHosting,
	listDomains,
	listDepartments,
	listTickets,
	createTicket,
	getTicket,
	patchTicket,
	replyToTicket,
	closeTicket,
	reopenTicket,
	uploadAttachment,
	downloadAttachment,
	deleteUpload,
	submitPort25Request,
	listPort25Requests,
	getPort25Request,
	withdrawPort25Request,
	getPort25Eligibility,
	listPort25Addresses,
	streamEvents,
];
