/** Every route of the second generation: the table of contents of `/api/v2`. */
import type { Route } from "../route.ts";
import {
	createApiKey,
	deleteApiKey,
	getApiKey,
	listApiKeys,
	patchApiKey,
	rollApiKey,
} from "./api-keys.ts";
import { listDomains } from "./domains.ts";
import { getMe } from "./me.ts";
import {
	getPort25Request,
	listPort25Requests,
	submitPort25Request,
	withdrawPort25Request,
} from "./port25.ts";
import { listSharedHosting } from "./shared-hosting.ts";
import { getVps, listVps } from "./vps.ts";

export const v2Routes: readonly Route[] = [
	getMe,
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
	submitPort25Request,
	listPort25Requests,
	getPort25Request,
	withdrawPort25Request,
];
