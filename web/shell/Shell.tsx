import { NativeSelect, useMantineColorScheme } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import {
	Link,
	Outlet,
	useRouter,
	useRouterState,
} from "@tanstack/react-router";
import {
	lazy,
	Suspense,
	useCallback,
	useEffect,
	useRef,
	useState,
} from "react";
import { useTranslation } from "react-i18next";
import { listen } from "../api/live.ts";
import { FindButton } from "../find/FindButton.tsx";
import { Announcements } from "../ui/announce.tsx";
import { useOnline } from "../ui/Shown.tsx";
import { ShelfOwner } from "../ui/shelf.ts";
import { isLanguage, languages, speak } from "../words/words.ts";
import { Door } from "./Door.tsx";
import { newQueries } from "./queries.ts";
import { Happenings, HappeningsContext, refreshAfter } from "./refresh.ts";
import { returnTo } from "./return-to.ts";
import { SignOut } from "./SignOut.tsx";
import { type Session, SessionContext } from "./session.ts";
import { isOver, useHolder } from "./use-holder.ts";

const firstOfAll = "content";

/** Fetched when it is first opened. */
const Palette = lazy(() =>
	import("../find/Palette.tsx").then(({ Palette }) => ({ default: Palette })),
);

/** The frame of every page: who is signed in, where one can go, and the page itself once somebody is. */
export function Shell() {
	const { t } = useTranslation();
	const { standing, session, signIn, look } = useHolder();
	const [isFinding, setIsFinding] = useState(false);
	const openFinder = useCallback(() => setIsFinding(true), []);
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
							<Link to="/keys">{t("nav.keys")}</Link>
						</>
					)}
				</nav>
				{session !== undefined && <FindButton onOpen={openFinder} />}
				<div className="choices">
					{session !== undefined && (
						<Link to="/sessions" className="who soft">
							{session.name ?? t("sessions.title")}
						</Link>
					)}
					<LanguageChoice />
					<SchemeChoice />
					{session !== undefined && <SignOut session={session} />}
				</div>
			</header>
			<Main>
				{session === undefined ? (
					<Door standing={standing} onSignIn={signIn} onRetry={look} />
				) : (
					<SignedIn session={session} key={session.id}>
						<Outlet />
						{isFinding && (
							<Suspense>
								<Palette onClose={() => setIsFinding(false)} />
							</Suspense>
						)}
					</SignedIn>
				)}
			</Main>
		</>
	);
}

/** Leads back to where one was when the session ended, if the way in came by another page. */
function useReturn(): void {
	const { history } = useRouter();
	useEffect(() => {
		const path = returnTo.take();
		if (path !== undefined && location.pathname === "/support")
			history.replace(path);
	}, [history]);
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
	const [queries] = useState(newQueries);
	const [happenings] = useState(() => new Happenings());
	const { headers, ended } = session;
	useReturn();
	useEffect(() => {
		const stopping = new AbortController();
		void listen({
			headers,
			signal: stopping.signal,
			onEnded: ended,
			onEvent(happening) {
				refreshAfter(queries, happening);
				happenings.tell(happening);
			},
		});
		return () => stopping.abort();
	}, [headers, ended, queries, happenings]);
	useEffect(() => {
		const look = (error: unknown) => {
			if (isOver(error)) ended();
		};
		const stops = [
			queries.getQueryCache().subscribe(({ query }) => look(query.state.error)),
			queries
				.getMutationCache()
				.subscribe(({ mutation }) => look(mutation?.state.error)),
		];
		return () => {
			for (const stop of stops) stop();
		};
	}, [queries, ended]);
	return (
		<SessionContext value={session}>
			<HappeningsContext value={happenings}>
				<ShelfOwner value={session.clientId ?? "nameless"}>
					<QueryClientProvider client={queries}>
						<OfflineNotice />
						{children}
						<Announcements />
					</QueryClientProvider>
				</ShelfOwner>
			</HappeningsContext>
		</SessionContext>
	);
}

/** That what is shown may be old, and that nothing typed is lost. */
function OfflineNotice() {
	const { t } = useTranslation();
	const isOnline = useOnline();
	return (
		<div role="status">
			{!isOnline && (
				<div className="notice wait above">{t("offline.notice")}</div>
			)}
		</div>
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
