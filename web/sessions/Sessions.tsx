import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { useSession } from "../shell/session.ts";
import { announce } from "../ui/announce.tsx";
import { Problem } from "../ui/Problem.tsx";
import { Shown } from "../ui/Shown.tsx";
import { useTitle } from "../ui/use-title.ts";
import { readSessions, type SessionRow } from "./reads.ts";
import { SessionLine } from "./SessionLine.tsx";

/** Where the account is signed in: since when, with what, and ending it. */
export function Sessions() {
	const { t } = useTranslation();
	const { api } = useSession();
	const sessions = useQuery(readSessions(api));
	const { endOne, endOthers, error } = useEnding();
	useTitle(t("sessions.title"));
	return (
		<Stack gap="md">
			<Group justify="space-between" align="flex-start">
				<div>
					<Title order={1}>{t("sessions.title")}</Title>
					<Text c="dimmed" size="sm">
						{t("sessions.lead")}
					</Text>
				</div>
				{sessions.data?.sessions.some(({ isCurrent }) => !isCurrent) && (
					<Button
						variant="default"
						loading={endOthers.isPending}
						onClick={() => endOthers.mutate()}
					>
						{t("sessions.endOthers")}
					</Button>
				)}
			</Group>
			{error !== null && <Problem error={error} />}
			<Shown asked={sessions}>
				{({ sessions: rows }) =>
					rows.length === 0 ? (
						<p className="empty">{t("sessions.none")}</p>
					) : (
						<ul className="rows">
							{rows.map((row) => (
								<li key={row.id}>
									<SessionLine
										row={row}
										isEnding={endOne.isPending && endOne.variables === row}
										onEnd={() => endOne.mutate(row)}
									/>
								</li>
							))}
						</ul>
					)
				}
			</Shown>
		</Stack>
	);
}

function useEnding() {
	const { t } = useTranslation();
	const { api, signOut } = useSession();
	const queries = useQueryClient();
	const onSuccess = () => {
		announce(t("sessions.ended"));
		void queries.invalidateQueries({ queryKey: ["sessions"] });
	};
	const endOne = useMutation({
		mutationFn: ({ id, isCurrent }: SessionRow): Promise<unknown> =>
			isCurrent
				? signOut()
				: bodyOf(
						api.DELETE("/api/v2/sessions/{id}", { params: { path: { id } } }),
					),
		onSuccess,
	});
	const endOthers = useMutation({
		mutationFn: () => bodyOf(api.DELETE("/api/v2/sessions")),
		onSuccess,
	});
	return { endOne, endOthers, error: endOne.error ?? endOthers.error };
}
