/** The operator's upserts (contract 14.59): what the billing system knows comes in here, again and again. */
import Type from "typebox";
import { saveClient } from "../../domain/accounts/save-client.ts";
import { endService } from "../../domain/inventory/end-service.ts";
import { saveService } from "../../domain/inventory/save-service.ts";
import { serviceKinds } from "../../domain/inventory/service.ts";
import { route } from "../route.ts";
import {
	ClientReport,
	clientReport,
	LegacyId,
	SavedAnswer,
	ServiceReport,
	serviceReport,
} from "./inventory-reports.ts";

const ServiceKey = Type.Object({
	kind: Type.Enum([...serviceKinds]),
	legacyId: LegacyId,
});

export const putClient = route({
	method: "PUT",
	path: "/api/desk/clients/{legacyId}",
	name: "putClient",
	summary: "Create or update a client",
	description:
		"Idempotent. A field that is absent stays as it is. An `observedAt` older than the stored one changes nothing.",
	tag: "Inventory",
	scope: "desk:inventory",
	params: Type.Object({ legacyId: LegacyId }),
	body: ClientReport,
	answer: {
		status: 200,
		description: "The client is as the report says, or was reported later.",
		schema: SavedAnswer,
	},
	handle: ({ params, body, apply }) =>
		apply(saveClient, clientReport(params.legacyId, body)),
});

export const putService = route({
	method: "PUT",
	path: "/api/desk/services/{kind}/{legacyId}",
	name: "putService",
	summary: "Create or update a service with its addresses",
	description:
		"Idempotent. A field that is absent stays as it is. What was granted on an address that moves or is taken away ends with it. An `observedAt` older than the stored one changes nothing.",
	tag: "Inventory",
	scope: "desk:inventory",
	params: ServiceKey,
	body: ServiceReport,
	answer: {
		status: 200,
		description: "The service is as the report says, or was reported later.",
		schema: SavedAnswer,
	},
	handle: ({ params, body, apply }) =>
		apply(saveService, serviceReport(params, body)),
});

export const deleteService = route({
	method: "DELETE",
	path: "/api/desk/services/{kind}/{legacyId}",
	name: "deleteService",
	summary: "End a service and its leases",
	description:
		"Idempotent. The record is kept, `terminated`; what was granted on the service ends with it. A later PUT with another status brings it back, without what was granted.",
	tag: "Inventory",
	scope: "desk:inventory",
	params: ServiceKey,
	answer: {
		status: 200,
		description: "The service has ended.",
		schema: SavedAnswer,
	},
	refusals: ["resource.not_found"],
	handle: ({ params, apply }) =>
		apply(endService, { kind: params.kind, legacyId: params.legacyId }),
});
