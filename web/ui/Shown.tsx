import { onlineManager, type UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "./Loading.tsx";
import { Problem } from "./Problem.tsx";

type Asked<Data> = Pick<
	UseQueryResult<Data>,
	"data" | "error" | "isPending" | "isError" | "refetch"
>;

/** What was asked for, or why it is not there: on its way, no line, not allowed, not found, or something else. */
export function Shown<Data>({
	asked,
	rows = 3,
	children,
}: {
	readonly asked: Asked<Data>;
	readonly rows?: number;
	readonly children: (data: Data) => ReactNode;
}) {
	const isOnline = useOnline();
	// What was there before stays: a page that is a little old beats none.
	if (asked.data !== undefined) return children(asked.data);
	if (asked.isError)
		return <Problem error={asked.error} onRetry={() => asked.refetch()} />;
	return isOnline ? <Loading rows={rows} /> : <Offline />;
}

function Offline() {
	const { t } = useTranslation();
	return (
		<div className="notice wait" role="status">
			{t("offline.waiting")}
		</div>
	);
}

/** Whether the device says that it has a line. */
export function useOnline(): boolean {
	return useSyncExternalStore(
		(look) => onlineManager.subscribe(look),
		() => onlineManager.isOnline(),
	);
}
