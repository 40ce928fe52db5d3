import {
	Button,
	Group,
	NativeSelect,
	Stack,
	Text,
	TextInput,
	Title,
} from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.ts";
import { Problem } from "../ui/Problem.tsx";
import { Shown } from "../ui/Shown.tsx";
import { useTitle } from "../ui/use-title.ts";
import { readDepartments } from "./reads.ts";
import { TicketRows } from "./TicketRows.tsx";
import type { TicketFilter } from "./ticket-pages.ts";
import { statuses } from "./ticket-statuses.ts";
import { useTicketList } from "./use-ticket-list.ts";

const typingMs = 120;

/** Without anything found in so many pages, whoever looks is asked whether to look further. */
const emptyPagesMax = 5;

const route = getRouteApi("/tickets");

/** All tickets of the customer, the one with the newest message first, and those with certain words or of certain kinds. */
export function Tickets() {
	const { t } = useTranslation();
	const { q = "", status = "", department = "" } = route.useSearch();
	const filter = useMemo<TicketFilter>(
		() => ({ words: q, status, departmentSlug: department }),
		[q, status, department],
	);
	useTitle(t("tickets.title"));
	return (
		<Stack gap="md">
			<Group justify="space-between">
				<Title order={1}>{t("tickets.title")}</Title>
				<Button renderRoot={(props) => <Link to="/tickets/new" {...props} />}>
					{t("tickets.new")}
				</Button>
			</Group>
			<Filter filter={filter} />
			<List filter={filter} />
		</Stack>
	);
}

/** What is wished for stands in the address: it is there again after a reload, and when one comes back. */
function Filter({ filter }: { readonly filter: TicketFilter }) {
	const { t } = useTranslation();
	const { api } = useSession();
	const navigate = route.useNavigate();
	const departments = useQuery(readDepartments(api));
	const [text, setText] = useState(filter.words);
	const wish = (part: {
		q?: string | undefined;
		status?: TicketFilter["status"];
		department?: string;
	}) =>
		void navigate({
			search: (before) => ({ ...before, ...part }),
			replace: true,
		});
	const wishWords = useDebouncedCallback((typed: string) => {
		wish({ q: typed.trim() });
	}, typingMs);
	return (
		<search className="filter">
			<TextInput
				type="search"
				aria-label={t("tickets.search")}
				placeholder={t("tickets.search")}
				maxLength={200}
				value={text}
				onChange={({ currentTarget: { value } }) => {
					setText(value);
					wishWords(value);
				}}
			/>
			<NativeSelect
				aria-label={t("tickets.status")}
				value={filter.status}
				onChange={({ currentTarget: { value } }) =>
					wish({ status: statuses.find((one) => one === value) ?? "" })
				}
				data={[
					{ value: "", label: t("tickets.anyStatus") },
					...statuses.map((value) => ({
						value,
						label: t(`ticketStatus.${value}`),
					})),
				]}
			/>
			<NativeSelect
				aria-label={t("newTicket.department")}
				value={filter.departmentSlug}
				onChange={({ currentTarget: { value } }) => wish({ department: value })}
				data={[
					{ value: "", label: t("tickets.anyDepartment") },
					...(departments.data?.departments ?? []).map((one) => ({
						value: one.slug,
						label: one.displayName,
					})),
				]}
			/>
		</search>
	);
}

function List({ filter }: { readonly filter: TicketFilter }) {
	const { t } = useTranslation();
	const tickets = useTicketList(filter);
	const pages = tickets.data?.pages ?? [];
	const rows = useMemo(
		() => (tickets.data?.pages ?? []).flatMap(({ data }) => data),
		[tickets.data],
	);
	const emptyPages = pages.length - 1 - pages.findLastIndex(hasRows);
	const isAsking = tickets.hasNextPage && emptyPages >= emptyPagesMax;
	const { hasNextPage, isFetching, isError, fetchNextPage } = tickets;
	const mayGoOn = hasNextPage && !isFetching && !isError && !isAsking;
	const goOn = useCallback(() => {
		if (mayGoOn) void fetchNextPage();
	}, [mayGoOn, fetchNextPage]);
	const isFiltered =
		filter.words !== "" || filter.status !== "" || filter.departmentSlug !== "";
	return (
		<div aria-busy={tickets.isPlaceholderData}>
			<p className="aloud" role="status">
				{tickets.isSuccess &&
					!hasNextPage &&
					t("tickets.count", { count: rows.length })}
			</p>
			<Shown asked={tickets} rows={6}>
				{() =>
					rows.length === 0 && !hasNextPage ? (
						<p className="empty">
							{t(isFiltered ? "tickets.nothingFound" : "tickets.none")}
						</p>
					) : (
						<TicketRows
							key={JSON.stringify(filter)}
							tickets={rows}
							label={t("tickets.title")}
							onNearEnd={goOn}
						/>
					)
				}
			</Shown>
			{pages.length > 0 && tickets.isError && (
				<Problem error={tickets.error} onRetry={() => void fetchNextPage()} />
			)}
			{tickets.isFetchingNextPage && (
				<Text size="sm" c="dimmed" mt="sm" role="status">
					{t("tickets.looking")}
				</Text>
			)}
			{isAsking && !isFetching && (
				<Group mt="sm">
					<Text size="sm" c="dimmed">
						{t("tickets.notYet")}
					</Text>
					<Button
						size="xs"
						variant="default"
						onClick={() => void fetchNextPage()}
					>
						{t("tickets.further")}
					</Button>
				</Group>
			)}
		</div>
	);
}

function hasRows({ data }: { readonly data: readonly unknown[] }): boolean {
	return data.length > 0;
}
