import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem, OfflineError } from "../api/problem.ts";
import { deskEn } from "./words/desk-en.ts";

export interface Attempt {
	readonly isBusy: boolean;
	readonly error: unknown;
	/** Does it, one at a time, and keeps what went wrong. */
	run(work: () => Promise<unknown>): Promise<void>;
	clear(): void;
}

/** Something that may go wrong, and is said to be under way. */
export function useAttempt(): Attempt {
	const [state, setState] = useState<{ isBusy: boolean; error?: unknown }>({
		isBusy: false,
	});
	const run = useCallback(async (work: () => Promise<unknown>) => {
		setState({ isBusy: true });
		try {
			await work();
			setState({ isBusy: false });
		} catch (error) {
			setState({ isBusy: false, error });
		}
	}, []);
	const clear = useCallback(() => setState({ isBusy: false }), []);
	return { ...state, error: state.error, run, clear };
}

/** Why it went wrong, in words for whoever tried; nothing when it did not. */
export function WhyNot({ error }: { readonly error: unknown }) {
	const { t } = useTranslation("desk");
	if (error === undefined) return null;
	return (
		<div className="notice stop" role="alert">
			{words()}
		</div>
	);

	function words(): string {
		if (error instanceof OfflineError) return t("problem.offline");
		if (!(error instanceof ApiProblem)) return t("problem.browser");
		const { code } = error;
		return isKnown(code) ? t(`problem.${code}`) : error.detail;
	}
}

type Known = keyof typeof deskEn.problem;

function isKnown(code: string): code is Known {
	return Object.hasOwn(deskEn.problem, code);
}

/** What is wrong with a field, where the server has named one. */
export function faultAt(error: unknown, pointer: string): string | undefined {
	return error instanceof ApiProblem ? error.faultAt(pointer) : undefined;
}
