import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { announce } from "../ui/announce.tsx";
import type { Session } from "./session.ts";

/** Signs out. When the server cannot be told, somebody is still signed in, and that is said. */
export function SignOut({ session }: { readonly session: Session }) {
	const { t } = useTranslation();
	const [isBusy, setBusy] = useState(false);
	const [hasFailed, setFailed] = useState(false);

	async function leave(): Promise<void> {
		setBusy(true);
		setFailed(false);
		try {
			await session.signOut();
		} catch {
			setFailed(true);
			announce(t("signIn.outFailed"));
		} finally {
			setBusy(false);
		}
	}

	return (
		<>
			{hasFailed && <span className="why">{t("signIn.outFailed")}</span>}
			<Button
				size="xs"
				variant="subtle"
				loading={isBusy}
				onClick={() => void leave()}
			>
				{t("signIn.out")}
			</Button>
		</>
	);
}
