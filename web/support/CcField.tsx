import { Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";
import { addressesIn, ccMax } from "./cc.ts";

/** Who else gets what is said. */
export function CcField({
	text,
	onText,
	error,
	isFirst = false,
}: {
	readonly text: string;
	readonly onText: (text: string) => void;
	/** What became of sending it, if anything did. */
	readonly error: unknown;
	/** Whether it is what the dialog around it is for. */
	readonly isFirst?: boolean;
}) {
	const { t } = useTranslation();
	return (
		<Textarea
			label={t("cc.label")}
			description={t("cc.hint", { max: ccMax })}
			value={text}
			onChange={(event) => onText(event.currentTarget.value)}
			rows={2}
			spellCheck={false}
			error={faultIn(text)}
			{...(isFirst && { "data-autofocus": true })}
		/>
	);

	function faultIn(typed: string): string | undefined {
		if (!(error instanceof ApiProblem)) return undefined;
		if (error.faultAt("/ccEmails") !== undefined)
			return t("cc.hint", { max: ccMax });
		const addresses = addressesIn(typed);
		const wrong = addresses.filter(
			(_, place) => error.faultAt(`/ccEmails/${place}`) !== undefined,
		);
		return wrong.length === 0
			? undefined
			: t("cc.wrong", { addresses: wrong.join(", ") });
	}
}
