/** What the one search finds: pages, servers, tickets, requests. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { LinkProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Api, bodyOf } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { useSession } from "../shell/session.ts";
import {
	type Address,
	type Port25Request,
	readAddresses,
	readRequests,
} from "../support/reads.ts";

export type Group = "pages" | "servers" | "tickets" | "requests";

export interface Found {
	/** Unique among all that is found. */
	readonly key: string;
	readonly group: Group;
	readonly title: string;
	readonly detail: string;
	readonly to: Pick<LinkProps, "to" | "params">;
}

/** Long enough not to ask for every letter, short enough not to be waited for. */
const typingMs = 150;
const atMost = 6;

export function useFound(text: string) {
	const { api } = useSession();
	const { t } = useTranslation();
	const wanted = text.trim().toLowerCase();
	const [words] = useDebouncedValue(wanted, typingMs);
	const addresses = useQuery(readAddresses(api));
	const requests = useQuery(readRequests(api));
	const tickets = useQuery({
		...findTickets(api, words),
		enabled: words.length > 1,
	});
	const beyond = useQuery({
		...findServer(api, words),
		enabled: words !== "" && addresses.data?.hasMore === true,
	});
	const found: Found[] = [
		...pages(t).filter(({ title }) => title.toLowerCase().includes(wanted)),
		...serversAmong(addresses.data?.data ?? [], wanted),
		...(wanted === words ? (beyond.data ?? []) : []),
		...(wanted === words ? (tickets.data ?? []) : []).map(
			({ id, subject, number, status }): Found => ({
				...{ key: id, group: "tickets", title: subject ?? number },
				detail: `${t("tickets.number", { number })} · ${t(`ticketStatus.${status}`)}`,
				to: { to: "/tickets/$id", params: { id } },
			}),
		),
		...requestsAmong(requests.data?.data ?? [], wanted).map(
			({ id, vpsId, vpsName, ipAddress, state }): Found => ({
				...{ key: id, group: "requests", title: `${vpsName} · ${ipAddress}` },
				detail: t(`requestState.${state}`),
				to: { to: "/servers/$id", params: { id: vpsId ?? "" } },
			}),
		),
	];
	return {
		found,
		isLooking:
			wanted !== words || tickets.isFetching || addresses.isPending === true,
		error: tickets.error ?? addresses.error ?? undefined,
	};
}

function pages(t: ReturnType<typeof useTranslation>["t"]): Found[] {
	const page = (
		title: string,
		to: "/" | "/tickets" | "/tickets/new" | "/keys",
	): Found => ({
		...{ key: to, group: "pages", title, detail: "" },
		to: { to },
	});
	return [
		page(t("nav.home"), "/"),
		page(t("nav.tickets"), "/tickets"),
		page(t("tickets.new"), "/tickets/new"),
		page(t("nav.keys"), "/keys"),
	];
}

/** A server once, whichever of its addresses matches. */
function serversAmong(addresses: readonly Address[], wanted: string): Found[] {
	if (wanted === "") return [];
	const servers = new Map<string, Found>();
	for (const { vpsId, vpsName, ipAddress } of addresses) {
		const isIt =
			vpsName.toLowerCase().includes(wanted) || ipAddress.includes(wanted);
		if (!isIt || servers.has(vpsId)) continue;
		servers.set(vpsId, {
			...{ key: vpsId, group: "servers", title: vpsName, detail: ipAddress },
			to: { to: "/servers/$id", params: { id: vpsId } },
		});
		if (servers.size === atMost) break;
	}
	return [...servers.values()];
}

function requestsAmong(
	requests: readonly Port25Request[],
	wanted: string,
): Port25Request[] {
	if (wanted === "") return [];
	return requests
		.filter(
			({ id, vpsId, vpsName, ipAddress, reason }) =>
				vpsId !== null &&
				[id, vpsName, ipAddress, reason].some((text) =>
					text?.toLowerCase().includes(wanted),
				),
		)
		.slice(0, atMost);
}

/** By number when it is one, by words otherwise; a number may be a word, too. */
function findTickets(api: Api, words: string) {
	const number = /^#?(\d{1,18})$/.exec(words)?.[1];
	return {
		queryKey: ["found-tickets", words],
		async queryFn() {
			const [byNumber, { data }] = await Promise.all([
				number === undefined
					? []
					: bodyOf(
							api.GET("/api/v2/support/tickets/{id}", {
								params: { path: { id: number } },
							}),
						).then(
							(ticket) => [ticket],
							(error: unknown) => {
								if (error instanceof ApiProblem && error.status === 404)
									return [];
								throw error;
							},
						),
				bodyOf(
					api.GET("/api/v2/support/tickets", {
						params: { query: { limit: atMost, q: words } },
					}),
				),
			]);
			const ids = new Set(byNumber.map(({ id }) => id));
			return [...byNumber, ...data.filter(({ id }) => !ids.has(id))];
		},
	};
}

/** Beyond the servers that are listed: one of exactly this name. */
function findServer(api: Api, name: string) {
	return {
		queryKey: ["found-server", name],
		async queryFn(): Promise<Found[]> {
			const { data } = await bodyOf(
				api.GET("/api/v2/vps", { params: { query: { limit: atMost, name } } }),
			);
			return data.map((vps) => ({
				...{ key: `exactly ${vps.id}`, group: "servers", title: vps.name },
				detail: vps.primaryIp ?? "",
				to: { to: "/servers/$id", params: { id: vps.id } },
			}));
		},
	};
}
