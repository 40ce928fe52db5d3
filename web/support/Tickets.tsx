import { Button, Group, Stack, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.ts";
import { Loading } from "../ui/Loading.tsx";
import { Problem } from "../ui/Problem.tsx";
import { readTickets } from "./reads.ts";
import { TicketLine } from "./TicketLine.tsx";

const typingMs = 250;

/** All tickets of the customer, the one with the newest message first, and those with certain words. */
export function Tickets() {
	const { t } = useTranslation();
	const { api } = useSession();
	const [text, setText] = useState("");
	const [words] = useDebouncedValue(text.trim(), typingMs);
	const tickets = useInfiniteQuery({
		...readTickets(api, words),
		placeholderData: keepPreviousData,
	});
	const { pages } = tickets.data ?? { pages: [] };
	const rows = pages.flatMap((page) => page.data);
	return (
		<Stack gap="md">
			<Group justify="space-between">
				<Title order={1}>{t("tickets.title")}</Title>
				<Button renderRoot={(props) => <Link to="/tickets/new" {...props} />}>
					{t("tickets.new")}
				</Button>
			</Group>
			<TextInput
				type="search"
				aria-label={t("tickets.search")}
				placeholder={t("tickets.search")}
				value={text}
				onChange={(event) => setText(event.currentTarget.value)}
			/>
			{tickets.isPending && <Loading rows={5} />}
			{tickets.isError && (
				<Problem error={tickets.error} onRetry={tickets.refetch} />
			)}
			{tickets.isSuccess && rows.length === 0 && !tickets.hasNextPage && (
				<p className="empty" role="status">
					{t(words === "" ? "tickets.none" : "tickets.nothingFound")}
				</p>
			)}
			{rows.length > 0 && (
				<ul className="rows">
					{rows.map((ticket) => (
						<li key={ticket.id}>
							<TicketLine ticket={ticket} />
						</li>
					))}
				</ul>
			)}
			{tickets.hasNextPage && (
				<Button
					variant="default"
					loading={tickets.isFetchingNextPage}
					onClick={() => void tickets.fetchNextPage()}
				>
					{t("tickets.more")}
				</Button>
			)}
		</Stack>
	);
}
