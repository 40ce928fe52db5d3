import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { Shown } from "../ui/Shown.tsx";
import { useTitle } from "../ui/use-title.ts";
import { Addresses, byServer } from "./Home.tsx";
import { Prospect } from "./Prospect.tsx";
import { RequestRow } from "./RequestRow.tsx";
import {
	type Address,
	readAddresses,
	readEligibility,
	readRequests,
} from "./reads.ts";

const route = getRouteApi("/servers/$id");

/** One server: how port 25 stands on its addresses, what to do next, and everything that was asked for it. */
export function Server() {
	const { t } = useTranslation();
	const { id } = route.useParams();
	const { api } = useSession();
	const addresses = useQuery(readAddresses(api));
	const requests = useQuery(readRequests(api, id));
	const own = (addresses.data?.data ?? []).filter(({ vpsId }) => vpsId === id);
	const name = own[0]?.vpsName ?? requests.data?.data[0]?.vpsName ?? undefined;
	useTitle(name);
	useStatesAloud(own);
	return (
		<Stack gap="xl">
			<Group justify="space-between">
				<div>
					<Text size="sm">
						<Anchor inherit renderRoot={(props) => <Link to="/" {...props} />}>
							{t("nav.home")}
						</Anchor>
					</Text>
					<Title order={1} className="any">
						{name ?? t("server.title")}
					</Title>
				</div>
				<Button
					variant="default"
					renderRoot={(props) => (
						<Link to="/tickets/new" search={{ service: id }} {...props} />
					)}
				>
					{t("server.ticket")}
				</Button>
			</Group>
			<section aria-label={t("home.servers")}>
				<Stack gap="md">
					<Shown asked={addresses}>
						{() =>
							own.length === 0 ? (
								<p className="empty">{t("server.noAddress")}</p>
							) : (
								<>
									<Addresses addresses={byServer(own)} isHere />
									<Next addresses={own} />
								</>
							)
						}
					</Shown>
				</Stack>
			</section>
			<section aria-labelledby="requests">
				<Stack gap="sm">
					<Title order={2} size="h3" id="requests">
						{t("server.requests")}
					</Title>
					<Shown asked={requests}>
						{({ data }) =>
							data.length === 0 ? (
								<p className="empty">{t("server.noRequests")}</p>
							) : (
								<ul className="rows">
									{data.map((request) => (
										<li key={request.id}>
											<RequestRow request={request} />
										</li>
									))}
								</ul>
							)
						}
					</Shown>
				</Stack>
			</section>
		</Stack>
	);
}

/** Where something is closed against the customer's wish: what would become of asking again, and how to be heard. */
function Next({ addresses }: { readonly addresses: readonly Address[] }) {
	const { t } = useTranslation();
	const { api } = useSession();
	const refused = addresses.find(
		({ state, reason }) => reason !== null && state === "closed",
	);
	const suspended = addresses.some(({ state }) => state === "suspended");
	const { vpsId, ipAddress } = refused ?? { vpsId: "", ipAddress: "" };
	const prospect = useQuery({
		...readEligibility(api, { vpsId, ipAddress }),
		enabled: refused !== undefined,
	});
	if (refused === undefined && !suspended) return null;
	return (
		<div className="panel">
			<Stack gap="sm">
				<Title order={2} size="h4">
					{t("server.next")}
				</Title>
				{suspended && <Text size="sm">{t("server.nextSuspended")}</Text>}
				{refused !== undefined && (
					<>
						<Text size="sm">
							{t("server.nextRefused", { address: ipAddress })}
						</Text>
						<Shown asked={prospect} rows={1}>
							{(data) => <Prospect prospect={data} />}
						</Shown>
					</>
				)}
			</Stack>
		</div>
	);
}

/** Says aloud how it stands when that changes under one's eyes. */
function useStatesAloud(addresses: readonly Address[]): void {
	const { t } = useTranslation();
	const known = useRef(new Map<string, Address["state"]>());
	useEffect(() => {
		for (const { ipAddress, state } of addresses) {
			const before = known.current.get(ipAddress);
			if (before !== undefined && before !== state)
				announce(
					t("server.stateAloud", {
						address: ipAddress,
						state: t(`state.${state}`),
					}),
				);
			known.current.set(ipAddress, state);
		}
	}, [addresses, t]);
}
