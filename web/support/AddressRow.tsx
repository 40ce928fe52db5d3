import { Anchor, Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { State } from "../ui/State.tsx";
import { When } from "../ui/When.tsx";
import type { Address } from "./reads.ts";

export const gateTones = {
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
	isHere,
	onAsk,
}: {
	readonly address: Address;
	/** Whether this is the page of its server, which then is no place to go to. */
	readonly isHere: boolean;
	readonly onAsk: () => void;
}) {
	const { t } = useTranslation();
	const { vpsId, vpsName, ipAddress, isPrimary, state } = address;
	return (
		<div className="row">
			<div className={isPrimary ? "name" : "name again"}>
				{isHere ? (
					vpsName
				) : (
					<Link to="/servers/$id" params={{ id: vpsId }}>
						{vpsName}
					</Link>
				)}
			</div>
			<span className="address">{ipAddress}</span>
			<span className="standing">
				<State tone={gateTones[state]}>{t(`state.${state}`)}</State>
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
			<Why address={address} isHere={isHere} />
		</div>
	);
}

/** Why it stands so, since when, and where to go from there. Nothing where nothing has happened. */
function Why({
	address,
	isHere,
}: {
	readonly address: Address;
	readonly isHere: boolean;
}) {
	const { t } = useTranslation();
	const { state, since, reason, vpsId } = address;
	if (since === null && reason === null) return null;
	const isRefused = reason !== null && state !== "open";
	return (
		<span className="note">
			{isRefused ? t("home.because", { reason }) : t(`stateHint.${state}`)}
			{since !== null && (
				<>
					{" · "}
					<When at={since} />
				</>
			)}
			{isRefused && !isHere && (
				<>
					{" · "}
					<Anchor
						inherit
						underline="always"
						renderRoot={(props) => (
							<Link to="/servers/$id" params={{ id: vpsId }} {...props} />
						)}
					>
						{t("home.next")}
					</Anchor>
				</>
			)}
		</span>
	);
}
