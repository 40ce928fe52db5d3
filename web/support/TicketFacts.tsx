import { Anchor, Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { When } from "../ui/When.tsx";
import type { TicketDetail } from "./reads.ts";

const CcDialog = lazy(() =>
	import("./CcDialog.tsx").then(({ CcDialog }) => ({ default: CcDialog })),
);

/** What is known of a ticket, beside what is said in it. */
export function TicketFacts({ ticket }: { readonly ticket: TicketDetail }) {
	const { t } = useTranslation();
	const [isChangingCc, setIsChangingCc] = useState(false);
	const { departmentName, priority, createdAt, ccEmails, linkedServices } =
		ticket;
	return (
		<aside className="facts" aria-label={t("ticket.facts")}>
			<dl>
				<Fact name={t("newTicket.department")}>
					{departmentName ?? ticket.departmentSlug}
				</Fact>
				<Fact name={t("newTicket.priority")}>{t(`priority.${priority}`)}</Fact>
				{createdAt !== null && (
					<Fact name={t("ticket.opened")}>
						<When at={createdAt} />
					</Fact>
				)}
				{linkedServices.map((service) => (
					<Fact
						key={service.serviceId ?? service.serviceName}
						name={t("newTicket.service")}
					>
						<ServiceFact service={service} />
					</Fact>
				))}
				<Fact name={t("cc.label")}>
					{ccEmails.length === 0
						? t("cc.none")
						: ccEmails.map((address) => <div key={address}>{address}</div>)}
					<Button
						mt={4}
						display="block"
						size="compact-xs"
						variant="default"
						onClick={() => setIsChangingCc(true)}
						aria-label={t("cc.title")}
					>
						{t("cc.change")}
					</Button>
				</Fact>
			</dl>
			{isChangingCc && (
				<Suspense>
					<CcDialog ticket={ticket} onClose={() => setIsChangingCc(false)} />
				</Suspense>
			)}
		</aside>
	);
}

function Fact({
	name,
	children,
}: {
	readonly name: string;
	readonly children: ReactNode;
}) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

function ServiceFact({
	service,
}: {
	readonly service: TicketDetail["linkedServices"][number];
}) {
	const { serviceType, serviceId, serviceName, details } = service;
	const name = serviceName ?? serviceId ?? "";
	const beside = [details?.ipAddress, details?.planName].filter(Boolean);
	return (
		<>
			{serviceType === "vps" && serviceId !== null ? (
				<Anchor
					renderRoot={(props) => (
						<Link to="/servers/$id" params={{ id: serviceId }} {...props} />
					)}
				>
					{name}
				</Anchor>
			) : (
				name
			)}
			{beside.length > 0 && <div className="soft">{beside.join(" · ")}</div>}
		</>
	);
}
