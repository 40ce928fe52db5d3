import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

/** Shown once, until the reader says that they are kept. */
export function RecoveryCodes({
	codes,
	onKept,
}: {
	readonly codes: readonly string[];
	readonly onKept: () => void;
}) {
	const { t } = useTranslation("desk");
	const [isCopied, setCopied] = useState(false);
	const title = useRef<HTMLHeadingElement>(null);
	useEffect(() => title.current?.focus(), []);
	return (
		<Stack gap="sm">
			<Title order={2} size="h3" ref={title} tabIndex={-1}>
				{t("codes.title")}
			</Title>
			<Text>{t("codes.lead")}</Text>
			<ul className="codes">
				{codes.map((code) => (
					<li key={code} className="secret">
						{code}
					</li>
				))}
			</ul>
			<Group>
				<Button
					variant="default"
					onClick={() =>
						void navigator.clipboard
							.writeText(codes.join("\n"))
							.then(() => setCopied(true))
							// They are there to be written down as well.
							.catch(() => {})
					}
				>
					{isCopied ? t("codes.copied") : t("codes.copy")}
				</Button>
				<Button onClick={onKept}>{t("codes.kept")}</Button>
			</Group>
		</Stack>
	);
}
