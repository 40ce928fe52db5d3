import { Button, NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isLanguage, languages, speak } from "../words/words.ts";
import { Account } from "./Account.tsx";
import { Invitation } from "./Invitation.tsx";
import { SignInPage } from "./SignInPage.tsx";
import { signOut } from "./session.ts";

/** The frame of every page of the desk, and the page of this address. */
export function Desk() {
	const { t } = useTranslation("desk");
	const path = location.pathname.replace(/\/$/, "");
	return (
		<>
			<header className="top">
				<a href="/desk" className="brand">
					<img src="/support/icon.svg" alt="" />
					{t("brand")}
				</a>
				<div className="choices">
					<LanguageChoice />
					{path === "/desk" && (
						<Button size="xs" variant="subtle" onClick={() => void signOut()}>
							{t("signOut")}
						</Button>
					)}
				</div>
			</header>
			<main>{pageAt(path)}</main>
		</>
	);
}

function pageAt(path: string) {
	switch (path) {
		case "/desk/sign-in":
			return <SignInPage />;
		case "/desk/invite":
			return <Invitation />;
		default:
			return <Account />;
	}
}

function LanguageChoice() {
	const { t, i18n } = useTranslation();
	return (
		<NativeSelect
			size="xs"
			aria-label={t("language")}
			value={i18n.language}
			data={Object.entries(languages).map(([value, label]) => ({
				value,
				label,
			}))}
			onChange={({ currentTarget: { value } }) => {
				if (isLanguage(value)) speak(value);
			}}
		/>
	);
}
