/** Every route of the staff: the table of contents of `/api/desk`. */
import type { Scope } from "../../kernel/actor.ts";
import type { Route } from "../route.ts";
import { sessionRoutes } from "../session-routes.ts";
import { getAddressHistory } from "./addresses.ts";
import {
	addAllowlistEntry,
	getAllowlistEntry,
	listAllowlistEntries,
	resumeAllowlistEntry,
	revokeAllowlistEntry,
	suspendAllowlistEntry,
} from "./allowlist.ts";
import { downloadDeskAttachment, uploadDeskAttachment } from "./attachments.ts";
import { listAudit } from "./audit.ts";
import { listClientApiKeys, revokeClientApiKey } from "./client-keys.ts";
import {
	addPasskey,
	beginAuthenticator,
	challengeNewPasskey,
	confirmSession,
	getCredentials,
	putPassword,
	putRecoveryCodes,
	removePasskey,
	removePassword,
} from "./credentials.ts";
import {
	getDepartment,
	listDeskDepartments,
	putDepartment,
} from "./departments.ts";
import { acceptEdgeHold, getEdge, getEdgeAgent } from "./edge.ts";
import {
	addEdgeAgent,
	disableEdgeAgent,
	enableEdgeAgent,
	removeEdgeAgent,
	rollEdgeAgentKey,
} from "./edge-agents.ts";
import { streamDeskEvents } from "./events.ts";
import { deleteService, putClient, putService } from "./inventory.ts";
import {
	acceptWithPasskey,
	acceptWithPassword,
	askInvitedAuthenticator,
	askInvitedPasskey,
	showInvite,
} from "./invites.ts";
import {
	approvePort25Request,
	listPort25RequestsForReview,
	rejectPort25Request,
	reopenPort25Request,
} from "./port25.ts";
import {
	getPort25Evidence,
	getPort25Receipt,
	getPort25RequestForReview,
} from "./port25-evidence.ts";
import {
	askPasskey,
	getSignIn,
	postPasskey,
	postPassword,
	postProvider,
} from "./sign-in.ts";
import { listSites, putSite } from "./sites.ts";
import { addStaff, listStaff, patchStaff } from "./staff.ts";
import { createStaffKey, listStaffKeys, revokeStaffKey } from "./staff-keys.ts";

import {
	closeDeskTicket,
	holdTicket,
	reopenDeskTicket,
	startTicket,
} from "./ticket-actions.ts";
import {
	listDeskTickets,
	readDeskTicket,
	writeDeskMessage,
} from "./tickets.ts";

/** What is about oneself is open to every role. */
const anyRole: readonly [Scope, ...Scope[]] = [
	"desk:tickets",
	"desk:review",
	"desk:inventory",
	"desk:admin",
];

export const deskRoutes: readonly Route[] = [
	...sessionRoutes({ prefix: "/api/desk", reading: anyRole, ending: anyRole }),
	confirmSession,
	getSignIn,
	postPassword,
	askPasskey,
	postPasskey,
	postProvider,
	showInvite,
	askInvitedPasskey,
	acceptWithPasskey,
	askInvitedAuthenticator,
	acceptWithPassword,
	getCredentials,
	challengeNewPasskey,
	addPasskey,
	removePasskey,
	beginAuthenticator,
	putPassword,
	removePassword,
	putRecoveryCodes,
	putClient,
	putService,
	deleteService,
	listPort25RequestsForReview,
	getPort25RequestForReview,
	getPort25Evidence,
	getPort25Receipt,
	approvePort25Request,
	rejectPort25Request,
	reopenPort25Request,
	listDeskTickets,
	readDeskTicket,
	writeDeskMessage,
	startTicket,
	holdTicket,
	closeDeskTicket,
	reopenDeskTicket,
	listDeskDepartments,
	getDepartment,
	putDepartment,
	listAllowlistEntries,
	addAllowlistEntry,
	getAllowlistEntry,
	suspendAllowlistEntry,
	resumeAllowlistEntry,
	revokeAllowlistEntry,
	getAddressHistory,
	uploadDeskAttachment,
	downloadDeskAttachment,
	listSites,
	putSite,
	getEdge,
	addEdgeAgent,
	getEdgeAgent,
	acceptEdgeHold,
	rollEdgeAgentKey,
	disableEdgeAgent,
	enableEdgeAgent,
	removeEdgeAgent,
	listAudit,
	streamDeskEvents,
	listStaff,
	addStaff,
	patchStaff,
	listStaffKeys,
	createStaffKey,
	revokeStaffKey,
	listClientApiKeys,
	revokeClientApiKey,
];
