/** What the pages read, each by a name under which it is kept and refreshed. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Api, bodyOf } from "../api/client.ts";

/** More addresses than this are found by the search of the API, not by scrolling. */
const addressesMax = 100;

export const readAddresses = (api: Api) =>
	queryOptions({
		queryKey: ["addresses"],
		queryFn: () =>
			bodyOf(
				api.GET("/api/v2/support/port25-addresses", {
					params: { query: { limit: addressesMax } },
				}),
			),
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

export const readTickets = (api: Api, words: string) =>
	infiniteQueryOptions({
		queryKey: ["tickets", words],
		initialPageParam: "",
		queryFn: ({ pageParam: cursor }) =>
			bodyOf(
				api.GET("/api/v2/support/tickets", {
					params: {
						query: {
							limit: 25,
							...(cursor !== "" && { cursor }),
							...(words !== "" && { q: words }),
						},
					},
				}),
			),
		getNextPageParam: (page) => page.nextCursor ?? undefined,
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
		queryFn: () => bodyOf(api.GET("/api/v2/support/departments")),
	});
