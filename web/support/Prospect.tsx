import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { paths } from "../api/generated.ts";
import { State } from "../ui/State.tsx";
import { relative } from "../ui/When.tsx";
import { en } from "../words/en.ts";

type Eligibility =
	paths["/api/v2/support/port25-requests/eligibility"]["get"]["responses"][200]["content"]["application/json"];

type Obstacle = keyof typeof en.ask.obstacle;

const tones = { approved: "ok", review: "plain", refused: "wait" } as const;

/** What a request made now would meet: the requirement with the ways to meet it, and what would likely become of it. */
export function Prospect({ prospect }: { readonly prospect: Eligibility }) {
	const { t, i18n } = useTranslation();
	const { obstacle, outcome, requirement } = prospect;
	return (
		<Stack gap="md">
			<div className={`notice ${tones[outcome]}`} role="status">
				<strong>{t(`ask.outcome.${outcome}`)}</strong>
				{obstacle !== null && (
					<Text size="sm">
						{isKnown(obstacle.code)
							? t(`ask.obstacle.${obstacle.code}`, {
									when:
										obstacle.retryAt === null
											? ""
											: relative(obstacle.retryAt, i18n.language),
								})
							: obstacle.detail}
					</Text>
				)}
			</div>
			{requirement !== null && (
				<div>
					<Text size="sm" fw={600}>
						{t("ask.requirement")}
					</Text>
					<ul className="ways">
						{requirement.ways.map(({ way, met, standing }) => (
							<li key={way}>
								<State tone={met ? "ok" : "plain"}>
									{t(
										met
											? "ask.met"
											: standing === "no"
												? "ask.notMet"
												: "ask.unknown",
									)}
								</State>
								<Text size="sm" component="span">
									{t(`ask.way.${way}`)}
									{!requirement.met && (
										<Text size="sm" c="dimmed" component="span" display="block">
											{t(`ask.how.${way}`)}
										</Text>
									)}
								</Text>
							</li>
						))}
					</ul>
				</div>
			)}
		</Stack>
	);
}

function isKnown(code: string): code is Obstacle {
	return Object.hasOwn(en.ask.obstacle, code);
}
