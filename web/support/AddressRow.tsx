import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { paths } from "../api/generated.ts";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";

type Page =
	paths["/api/v2/support/port25-addresses"]["get"]["responses"][200]["content"]["application/json"];

export type Address = Page["data"][number];

const tones = {
	closed: "plain",
	in_review: "wait",
	opening: "wait",
	open: "ok",
	suspended: "stop",
	closing: "wait",
	unmanaged: "ok",
} as const satisfies Record<Address["state"], "ok" | "wait" | "stop" | "plain">;

/** One address, how port 25 stands there, since when and why, and the way to ask where asking makes sense. */
export function AddressRow({
	address,
	onAsk,
}: {
	readonly address: Address;
	readonly onAsk: () => void;
}) {
	const { t } = useTranslation();
	const { vpsName, ipAddress, state, since, reason } = address;
	return (
		<div className="row">
			<span className="name">{vpsName}</span>
			<span className="address">{ipAddress}</span>
			<span>
				<State tone={tones[state]}>{t(`state.${state}`)}</State>
			</span>
			<span className="end">
				{state === "closed" && (
					<Button
						size="xs"
						variant="default"
						onClick={onAsk}
						aria-label={`${t("home.ask")}: ${vpsName}, ${ipAddress}`}
					>
						{t("home.ask")}
					</Button>
				)}
			</span>
			{(since !== null || reason !== null) && (
				<span className="note">
					{reason ?? t(`stateHint.${state}`)}
					{since !== null && (
						<>
							{" · "}
							<When at={since} />
						</>
					)}
				</span>
			)}
		</div>
	);
}
