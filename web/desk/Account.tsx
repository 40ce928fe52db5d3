import { Stack, Text, Title } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { Again, type Held } from "./Again.tsx";
import { useAttempt, WhyNot } from "./Attempt.tsx";
import { api } from "./api.ts";
import type { Credentials } from "./credentials.ts";
import { type Session, Sessions } from "./Sessions.tsx";
import { signInPath } from "./session.ts";
import { WaysIn } from "./WaysIn.tsx";

interface Me {
	readonly name: string | null;
	readonly email: string | null;
	readonly role: "agent" | "reviewer" | "admin" | null;
}

interface Known {
	readonly me: Me;
	readonly sessions: readonly Session[];
	readonly credentials: Credentials;
}

async function readAll(): Promise<Known> {
	const [me, { sessions }, credentials] = await Promise.all([
		bodyOf(api.GET("/api/desk/session")),
		bodyOf(api.GET("/api/desk/sessions")),
		bodyOf(api.GET("/api/desk/credentials")),
	]);
	return { me, sessions, credentials };
}

/** Who is signed in, where, and how: all there is of the desk's pages until it has more. */
export function Account() {
	const { t } = useTranslation("desk");
	const { error, run } = useAttempt();
	const [known, setKnown] = useState<Known>();
	const [held, setHeld] = useState<Held>();
	const refresh = useCallback(
		() =>
			run(async () => {
				try {
					setKnown(await readAll());
				} catch (cause) {
					if (!(cause instanceof ApiProblem) || cause.status !== 401)
						throw cause;
					location.replace(signInPath);
				}
			}),
		[run],
	);
	useEffect(() => {
		void refresh();
	}, [refresh]);

	/** Does it; when it takes a recent sign-in, asks for one first and then does it. */
	const decide = useCallback(async (work: () => Promise<unknown>) => {
		try {
			await work();
		} catch (cause) {
			const isHeld =
				cause instanceof ApiProblem && cause.code === "step_up_required";
			if (!isHeld) throw cause;
			await new Promise<void>((resolve, reject) =>
				setHeld({ resolve, reject, cause }),
			);
			setHeld(undefined);
			await work();
		}
	}, []);

	if (known === undefined) return <WhyNot error={error} />;
	const { me, sessions, credentials } = known;
	return (
		<Stack gap="xl">
			<Stack gap="xs">
				<Title order={1}>{t("me.title", { name: me.name ?? me.email })}</Title>
				{me.role !== null && <Text>{t(`me.role.${me.role}`)}</Text>}
				<Text size="sm" className="soft">
					{t("me.api")}
				</Text>
			</Stack>
			<WhyNot error={error} />
			{held !== undefined && (
				<Again
					held={held}
					hasCode={credentials.authenticatorAddedAt !== null}
					hasPasskey={credentials.passkeys.length > 0}
					hasIdentity={credentials.identities.length > 0}
				/>
			)}
			<WaysIn credentials={credentials} decide={decide} refresh={refresh} />
			<Sessions sessions={sessions} refresh={refresh} />
		</Stack>
	);
}
