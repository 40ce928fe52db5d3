import { Button, NativeSelect, useMantineColorScheme } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { createApi } from "../api/client.ts";
import { listen } from "../api/live.ts";
import { ApiProblem } from "../api/problem.ts";
import { isLanguage, languages, speak } from "../words/words.ts";
import { SignIn } from "./SignIn.tsx";
import { type Session, SessionContext } from "./session.ts";

const firstOfAll = "content";

/** The frame of every page: who is signed in, where one can go, and the page itself once somebody is. */
export function Shell() {
	const { t } = useTranslation();
	const [holder, setHolder] = useState<{ key: string; name: string | null }>();
	const session = useMemo<Session | undefined>(
		() =>
			holder === undefined
				? undefined
				: {
						...holder,
						api: createApi(holder.key),
						signOut: () => setHolder(undefined),
					},
		[holder],
	);
	return (
		<>
			<a className="skip" href={`#${firstOfAll}`}>
				{t("skip")}
			</a>
			<header className="top">
				<Link to="/" className="brand">
					<img src="/support/icon.svg" alt="" />
					{t("product")}
				</Link>
				<nav aria-label={t("nav.label")}>
					{session !== undefined && (
						<>
							<Link to="/" activeOptions={{ exact: true }}>
								{t("nav.home")}
							</Link>
							<Link to="/tickets">{t("nav.tickets")}</Link>
						</>
					)}
				</nav>
				<div className="choices">
					{session?.name !== undefined && session.name !== null && (
						<span className="soft who">{session.name}</span>
					)}
					<LanguageChoice />
					<SchemeChoice />
					{session !== undefined && (
						<Button size="xs" variant="subtle" onClick={session.signOut}>
							{t("signIn.out")}
						</Button>
					)}
				</div>
			</header>
			<Main>
				{session === undefined ? (
					<SignIn onSignIn={(key, name) => setHolder({ key, name })} />
				) : (
					<SignedIn session={session} key={session.key}>
						<Outlet />
					</SignedIn>
				)}
			</Main>
		</>
	);
}

/** Takes the focus when another page is shown, so that its reader starts at its beginning. */
function Main({ children }: { readonly children: React.ReactNode }) {
	const path = useRouterState({ select: (state) => state.location.pathname });
	const main = useRef<HTMLElement>(null);
	const shown = useRef(path);
	useEffect(() => {
		if (shown.current !== path) main.current?.focus();
		shown.current = path;
	}, [path]);
	return (
		<main id={firstOfAll} ref={main} tabIndex={-1}>
			{children}
		</main>
	);
}

/** What is known of the account, forgotten when another one signs in; kept up to date by what happens. */
function SignedIn({
	session,
	children,
}: {
	readonly session: Session;
	readonly children: React.ReactNode;
}) {
	const [queries] = useState(
		() =>
			new QueryClient({
				defaultOptions: {
					// What cannot be sent is told at once, and not sent later behind somebody's back.
					mutations: { networkMode: "always" },
					queries: {
						staleTime: 15_000,
						// A refusal stays one; a lost line comes back.
						retry: (count, error) =>
							!(error instanceof ApiProblem) && count < 6,
					},
				},
			}),
	);
	const { key, signOut } = session;
	useEffect(() => {
		const stopping = new AbortController();
		void listen({
			key,
			signal: stopping.signal,
			onEvent: () => void queries.invalidateQueries(),
		});
		return () => stopping.abort();
	}, [key, queries]);
	useEffect(
		() =>
			queries.getQueryCache().subscribe(({ query }) => {
				const { error } = query.state;
				if (error instanceof ApiProblem && error.status === 401) signOut();
			}),
		[queries, signOut],
	);
	return (
		<SessionContext value={session}>
			<QueryClientProvider client={queries}>{children}</QueryClientProvider>
		</SessionContext>
	);
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

function SchemeChoice() {
	const { t } = useTranslation();
	const { colorScheme, setColorScheme } = useMantineColorScheme();
	return (
		<NativeSelect
			size="xs"
			aria-label={t("scheme.label")}
			value={colorScheme === "dark" ? "dark" : "light"}
			data={[
				{ value: "light", label: t("scheme.light") },
				{ value: "dark", label: t("scheme.dark") },
			]}
			onChange={({ currentTarget: { value } }) =>
				setColorScheme(value === "dark" ? "dark" : "light")
			}
		/>
	);
}
