import { Button, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf, createApi } from "../api/client.ts";
import { Problem } from "../ui/Problem.tsx";

/** Goes to the provider of OpenID Connect, which sends the browser back. */
export function ProviderSignIn({ name }: { readonly name: string }) {
	const { t } = useTranslation();
	const [error, setError] = useState<unknown>();
	const [isBusy, setBusy] = useState(false);

	async function go(): Promise<void> {
		setBusy(true);
		setError(undefined);
		try {
			const { url } = await bodyOf(
				createApi({}).POST("/api/v2/sign-in/provider"),
			);
			location.assign(url);
		} catch (cause) {
			setError(cause);
			setBusy(false);
		}
	}

	return (
		<Stack gap="xs">
			{error !== undefined && <Problem error={error} />}
			<Button variant="default" loading={isBusy} onClick={() => void go()}>
				{t("signIn.provider", { name })}
			</Button>
		</Stack>
	);
}
