import { Button, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useAttempt, WhyNot } from "./Attempt.tsx";
import { api } from "./api.ts";
import { useMoment } from "./moment.ts";

export interface Session {
	readonly id: string;
	readonly createdAt: string;
	readonly lastSeenAt: string;
	readonly ipAddress: string | null;
	readonly userAgent: string | null;
	readonly isCurrent: boolean;
}

/** Where one is signed in, each with a way to end it. */
export function Sessions({
	sessions,
	refresh,
}: {
	readonly sessions: readonly Session[];
	readonly refresh: () => Promise<void>;
}) {
	const { t } = useTranslation("desk");
	const moment = useMoment();
	const { error, isBusy, run } = useAttempt();
	const end = (work: () => Promise<unknown>) =>
		void run(async () => {
			await work();
			await refresh();
		});
	return (
		<Stack gap="sm">
			<Title order={2} size="h3">
				{t("me.sessions")}
			</Title>
			<WhyNot error={error} />
			<ul className="rows">
				{sessions.map((session) => {
					const browser = nameOf(session) ?? t("me.unknownBrowser");
					return (
						<li key={session.id} className="pair">
							<div>
								<div className="name">
									{browser}
									{session.isCurrent && ` · ${t("me.thisOne")}`}
								</div>
								<Text size="sm" className="soft">
									{session.ipAddress}{" "}
									{t("me.since", {
										when: moment(session.createdAt),
										seen: moment(session.lastSeenAt),
									})}
								</Text>
							</div>
							{!session.isCurrent && (
								<Button
									size="xs"
									variant="default"
									disabled={isBusy}
									aria-label={t("me.endOne", { browser })}
									onClick={() =>
										end(() =>
											api.DELETE("/api/desk/sessions/{id}", {
												params: { path: { id: session.id } },
											}),
										)
									}
								>
									{t("me.end")}
								</Button>
							)}
						</li>
					);
				})}
			</ul>
			{sessions.length > 1 && (
				<div>
					<Button
						variant="default"
						disabled={isBusy}
						onClick={() => end(() => api.DELETE("/api/desk/sessions"))}
					>
						{t("me.endOthers")}
					</Button>
				</div>
			)}
		</Stack>
	);
}

/** As much of what a browser calls itself as people know it by. */
function nameOf({ userAgent }: Session): string | undefined {
	const found = /(Firefox|Edg|Chrome|Safari)\/\d+/.exec(userAgent ?? "");
	return found?.[1]?.replace("Edg", "Edge");
}
