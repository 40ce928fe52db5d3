import {
	Anchor,
	Button,
	Group,
	Stack,
	Text,
	TextInput,
	Title,
} from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.ts";
import { Loading } from "../ui/Loading.tsx";
import { Problem } from "../ui/Problem.tsx";
import { type Address, AddressRow } from "./AddressRow.tsx";
import { AskPort25 } from "./AskPort25.tsx";
import { readAddresses, readTickets } from "./reads.ts";
import { TicketLine } from "./TicketLine.tsx";

const recentTickets = 5;

/** A customer's servers with the state of their port 25, and the latest tickets. */
export function Home() {
	const { t } = useTranslation();
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
	const [text, setText] = useState("");
	const [asking, setAsking] = useState<Address>();
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
				{addresses.isPending && <Loading />}
				{addresses.isError && (
					<Problem error={addresses.error} onRetry={addresses.refetch} />
				)}
				{addresses.data?.data.length === 0 && (
					<p className="empty">{t("home.none")}</p>
				)}
				{addresses.data !== undefined && addresses.data.data.length > 0 && (
					<>
						{addresses.data.data.length > 5 && (
							<TextInput
								type="search"
								aria-label={t("home.search")}
								placeholder={t("home.search")}
								value={text}
								onChange={(event) => setText(event.currentTarget.value)}
							/>
						)}
						<AddressList
							addresses={matching(addresses.data.data, text)}
							text={text}
							onAsk={setAsking}
						/>
					</>
				)}
			</Stack>
			{asking !== undefined && (
				<AskPort25 address={asking} onClose={() => setAsking(undefined)} />
			)}
		</section>
	);
}

function AddressList({
	addresses,
	text,
	onAsk,
}: {
	readonly addresses: readonly Address[];
	readonly text: string;
	readonly onAsk: (address: Address) => void;
}) {
	const { t } = useTranslation();
	if (addresses.length === 0)
		return <p className="empty">{t("home.nothingFound", { text })}</p>;
	return (
		<ul className="rows">
			{addresses.map((address) => (
				<li key={address.ipAddress}>
					<AddressRow address={address} onAsk={() => onAsk(address)} />
				</li>
			))}
		</ul>
	);
}

/** By the names of servers, each with its first address first. */
function matching(addresses: readonly Address[], text: string): Address[] {
	const wanted = text.trim().toLowerCase();
	return addresses
		.filter(
			({ vpsName, ipAddress }) =>
				vpsName.toLowerCase().includes(wanted) || ipAddress.includes(wanted),
		)
		.toSorted(
			(a, b) =>
				a.vpsName.localeCompare(b.vpsName) ||
				Number(b.isPrimary) - Number(a.isPrimary),
		);
}

function RecentTickets() {
	const { t } = useTranslation();
	const { api } = useSession();
	const tickets = useInfiniteQuery(readTickets(api, ""));
	const recent = tickets.data?.pages[0]?.data.slice(0, recentTickets) ?? [];
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
				{tickets.isPending && <Loading />}
				{tickets.isError && (
					<Problem error={tickets.error} onRetry={tickets.refetch} />
				)}
				{tickets.isSuccess && recent.length === 0 && (
					<p className="empty">{t("tickets.none")}</p>
				)}
				{recent.length > 0 && (
					<>
						<ul className="rows">
							{recent.map((ticket) => (
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
				)}
			</Stack>
		</section>
	);
}
