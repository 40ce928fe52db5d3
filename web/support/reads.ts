/** What the pages read, each by a name under which it is kept and refreshed (see `shell/refresh.ts`). */
import { queryOptions } from "@tanstack/react-query";
import { type Api, bodyOf } from "../api/client.ts";
import type { paths } from "../api/generated.ts";

export type Address =
	paths["/api/v2/support/port25-addresses"]["get"]["responses"][200]["content"]["application/json"]["data"][number];

export type TicketDetail =
	paths["/api/v2/support/tickets/{id}"]["get"]["responses"][200]["content"]["application/json"];

export type Port25Request =
	paths["/api/v2/support/port25-requests"]["get"]["responses"][200]["content"]["application/json"]["data"][number];

/** The most that a list has in one answer. */
const pageMax = 100;

/** Beyond so many pages the search goes on where the list ends. */
const pagesMax = 5;

/** Every address of the account's servers, and whether there are more than are listed. */
export const readAddresses = (api: Api) =>
	queryOptions({
		queryKey: ["addresses"],
		async queryFn(): Promise<{
			readonly data: readonly Address[];
			readonly hasMore: boolean;
		}> {
			const data: Address[] = [];
			let cursor: string | null = null;
			for (let page = 0; page < pagesMax; page += 1) {
				const answer: {
					data: Address[];
					nextCursor: string | null;
				} = await bodyOf(
					api.GET("/api/v2/support/port25-addresses", {
						params: {
							query: { limit: pageMax, ...(cursor !== null && { cursor }) },
						},
					}),
				);
				data.push(...answer.data);
				cursor = answer.nextCursor;
				if (cursor === null) break;
			}
			return { data, hasMore: cursor !== null };
		},
	});

export const readEligibility = (
	api: Api,
	{ vpsId, ipAddress }: { readonly vpsId: string; readonly ipAddress: string },
) =>
	queryOptions({
		queryKey: ["eligibility", vpsId, ipAddress],
		queryFn: () =>
			bodyOf(
				api.GET("/api/v2/support/port25-requests/eligibility", {
					params: { query: { vpsId, ipAddress } },
				}),
			),
	});

/** Requests for port 25, newest first; of one server or of all. */
export const readRequests = (api: Api, vpsId?: string) =>
	queryOptions({
		queryKey: ["requests", vpsId ?? "all"],
		queryFn: () =>
			bodyOf(
				api.GET("/api/v2/support/port25-requests", {
					params: {
						query: { limit: pageMax, ...(vpsId !== undefined && { vpsId }) },
					},
				}),
			),
	});

const recentTickets = 5;

export const readRecentTickets = (api: Api) =>
	queryOptions({
		queryKey: ["recent-tickets"],
		queryFn: () =>
			bodyOf(
				api.GET("/api/v2/support/tickets", {
					params: { query: { limit: recentTickets } },
				}),
			),
	});

export const readTicket = (api: Api, id: string) =>
	queryOptions({
		queryKey: ["ticket", id],
		queryFn: () =>
			bodyOf(
				api.GET("/api/v2/support/tickets/{id}", { params: { path: { id } } }),
			),
	});

export const readDepartments = (api: Api) =>
	queryOptions({
		queryKey: ["departments"],
		// They change about once a year.
		staleTime: 600_000,
		queryFn: () => bodyOf(api.GET("/api/v2/support/departments")),
	});

/** What a ticket can be about. */
export interface OwnService {
	readonly type: "vps" | "hosting" | "domain";
	readonly id: string;
	readonly name: string;
	/** What tells it from others of its name. */
	readonly detail: string | null;
}

/** The account's services of all three kinds. A kind that the key may not read is left out. */
export const readServices = (api: Api) =>
	queryOptions({
		queryKey: ["services"],
		async queryFn(): Promise<OwnService[]> {
			const query = { params: { query: { limit: pageMax } } };
			const lists = await Promise.allSettled([
				bodyOf(api.GET("/api/v2/vps", query)).then(({ data }) =>
					data.map(({ id, name, primaryIp }): OwnService => {
						return { type: "vps", id, name, detail: primaryIp };
					}),
				),
				bodyOf(api.GET("/api/v2/shared-hosting", query)).then(({ data }) =>
					data.map(({ id, name }): OwnService => {
						return { type: "hosting", id, name, detail: null };
					}),
				),
				bodyOf(api.GET("/api/v2/domains", query)).then(({ data }) =>
					data.map(({ id, name }): OwnService => {
						return { type: "domain", id, name, detail: null };
					}),
				),
			]);
			const read = lists.filter((list) => list.status === "fulfilled");
			const [first] = lists;
			if (read.length === 0 && first?.status === "rejected") throw first.reason;
			return read.flatMap(({ value }) => value);
		},
	});
