import { Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.ts";
import { Shown } from "../ui/Shown.tsx";
import { useTitle } from "../ui/use-title.ts";
import { AddressRow } from "./AddressRow.tsx";
import { type Address, readAddresses, readRecentTickets } from "./reads.ts";
import { TicketLine } from "./TicketLine.tsx";

/** Fetched when somebody asks. */
const AskPort25 = lazy(() =>
	import("./AskPort25.tsx").then(({ AskPort25 }) => ({ default: AskPort25 })),
);

/** More than this are shown when they are wished for. */
const shownAtFirst = 25;

/** A customer's servers with the state of their port 25, and the latest tickets. */
export function Home() {
	const { t } = useTranslation();
	useTitle(t("home.title"));
	return (
		<Stack gap="xl">
			<Title order={1}>{t("home.title")}</Title>
			<Servers />
			<RecentTickets />
		</Stack>
	);
}

function Servers() {
	const { t } = useTranslation();
	const { api } = useSession();
	const addresses = useQuery(readAddresses(api));
	return (
		<section aria-labelledby="servers">
			<Stack gap="sm">
				<div>
					<Title order={2} size="h3" id="servers">
						{t("home.servers")}
					</Title>
					<Text c="dimmed" size="sm">
						{t("home.serversLead")}
					</Text>
				</div>
				<Shown asked={addresses}>
					{({ data, hasMore }) =>
						data.length === 0 ? (
							<p className="empty">{t("home.none")}</p>
						) : (
							<Addresses addresses={byServer(data)} hasMore={hasMore} />
						)
					}
				</Shown>
			</Stack>
		</section>
	);
}

/** Addresses, and the dialog in which one asks for port 25 on one of them. */
export function Addresses({
	addresses,
	hasMore = false,
	isHere = false,
}: {
	readonly addresses: readonly Address[];
	/** Whether this is the page of the server that has them. */
	readonly isHere?: boolean;
	/** Whether there are others, which the search finds. */
	readonly hasMore?: boolean;
}) {
	const { t } = useTranslation();
	const [asking, setAsking] = useState<Address>();
	const [isAll, setIsAll] = useState(false);
	const shown = isAll ? addresses : addresses.slice(0, shownAtFirst);
	return (
		<>
			<ul className="rows">
				{shown.map((address) => (
					<li key={address.ipAddress}>
						<AddressRow
							address={address}
							isHere={isHere}
							onAsk={() => setAsking(address)}
						/>
					</li>
				))}
			</ul>
			{shown.length < addresses.length && (
				<Group>
					<Button variant="default" size="xs" onClick={() => setIsAll(true)}>
						{t("home.showAll", { count: addresses.length })}
					</Button>
				</Group>
			)}
			{hasMore && (
				<Text size="sm" c="dimmed">
					{t("home.more")}
				</Text>
			)}
			{asking !== undefined && (
				<Suspense>
					<AskPort25 address={asking} onClose={() => setAsking(undefined)} />
				</Suspense>
			)}
		</>
	);
}

/** By the names of servers, each with its first address first. */
export function byServer(addresses: readonly Address[]): Address[] {
	return addresses.toSorted(
		(a, b) =>
			a.vpsName.localeCompare(b.vpsName) ||
			Number(b.isPrimary) - Number(a.isPrimary),
	);
}

function RecentTickets() {
	const { t } = useTranslation();
	const { api } = useSession();
	const tickets = useQuery(readRecentTickets(api));
	return (
		<section aria-labelledby="recent">
			<Stack gap="sm">
				<Group justify="space-between">
					<Title order={2} size="h3" id="recent">
						{t("home.recent")}
					</Title>
					<Button
						size="xs"
						variant="default"
						renderRoot={(props) => <Link to="/tickets/new" {...props} />}
					>
						{t("tickets.new")}
					</Button>
				</Group>
				<Shown asked={tickets}>
					{({ data }) =>
						data.length === 0 ? (
							<p className="empty">{t("tickets.none")}</p>
						) : (
							<>
								<ul className="rows">
									{data.map((ticket) => (
										<li key={ticket.id}>
											<TicketLine ticket={ticket} />
										</li>
									))}
								</ul>
								<Anchor
									size="sm"
									renderRoot={(props) => <Link to="/tickets" {...props} />}
								>
									{t("home.allTickets")}
								</Anchor>
							</>
						)
					}
				</Shown>
			</Stack>
		</section>
	);
}
