import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../shell/session.ts";
import { Shown } from "../ui/Shown.tsx";
import { useTitle } from "../ui/use-title.ts";
import { CreateKey } from "./CreateKey.tsx";
import { EndKey } from "./EndKey.tsx";
import { KeyRow } from "./KeyRow.tsx";
import { RollKey } from "./RollKey.tsx";
import { type ApiKey, readKeys } from "./reads.ts";

type Doing =
	| { readonly what: "create" }
	| { readonly what: "roll" | "end"; readonly to: ApiKey };

/** The account's API keys: what each may do, and making, replacing and ending them. */
export function Keys() {
	const { t } = useTranslation();
	const { api } = useSession();
	const keys = useQuery(readKeys(api));
	const [doing, setDoing] = useState<Doing>();
	const stop = () => setDoing(undefined);
	useTitle(t("keys.title"));
	return (
		<Stack gap="md">
			<Group justify="space-between" align="flex-start">
				<div>
					<Title order={1}>{t("keys.title")}</Title>
					<Text c="dimmed" size="sm">
						{t("keys.lead")}
					</Text>
				</div>
				<Button onClick={() => setDoing({ what: "create" })}>
					{t("keys.create")}
				</Button>
			</Group>
			<Shown asked={keys}>
				{({ data }) =>
					data.length === 0 ? (
						<p className="empty">{t("keys.none")}</p>
					) : (
						<ul className="rows">
							{data.map((key) => (
								<li key={key.id}>
									<KeyRow
										apiKey={key}
										onRoll={() => setDoing({ what: "roll", to: key })}
										onEnd={() => setDoing({ what: "end", to: key })}
									/>
								</li>
							))}
						</ul>
					)
				}
			</Shown>
			{doing?.what === "create" && <CreateKey onClose={stop} />}
			{doing?.what === "roll" && <RollKey apiKey={doing.to} onClose={stop} />}
			{doing?.what === "end" && <EndKey apiKey={doing.to} onClose={stop} />}
		</Stack>
	);
}
