import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../api/problem.ts";
import { CcField } from "./CcField.tsx";
import { FilesField } from "./FilesField.tsx";
import { isPriority, type NewTicketDraft, priorities } from "./new-ticket.ts";
import type { OwnService } from "./reads.ts";
import type { Files } from "./use-files.ts";

const kinds = ["vps", "hosting", "domain"] as const;

/** What is asked about a new ticket, each with what is wrong with it. */
export function NewTicketFields({
	draft,
	departments,
	services,
	files,
	error,
}: {
	readonly draft: NewTicketDraft;
	readonly departments: readonly {
		readonly slug: string;
		readonly displayName: string;
	}[];
	readonly services: readonly OwnService[];
	readonly files: Files;
	readonly error: unknown;
}) {
	const { t } = useTranslation();
	const { ticket } = draft;
	const faultAt = (pointer: string) =>
		error instanceof ApiProblem && error.faultAt(pointer) !== undefined
			? t("newTicket.fault")
			: undefined;
	return (
		<>
			<div className="thirds">
				<NativeSelect
					label={t("newTicket.department")}
					value={ticket.departmentSlug}
					onChange={(event) => draft.setDepartment(event.currentTarget.value)}
					data={departments.map((one) => ({
						value: one.slug,
						label: one.displayName,
					}))}
					error={faultAt("/departmentSlug")}
				/>
				<NativeSelect
					label={t("newTicket.service")}
					value={ticket.serviceId}
					onChange={(event) => draft.setService(event.currentTarget.value)}
					error={faultAt("/context/serviceId")}
				>
					<option value="">{t("newTicket.noService")}</option>
					{kinds.map((kind) => (
						<ServiceOptions
							key={kind}
							label={t(`newTicket.kind.${kind}`)}
							services={services.filter(({ type }) => type === kind)}
						/>
					))}
				</NativeSelect>
				<NativeSelect
					label={t("newTicket.priority")}
					value={ticket.priority}
					onChange={({ currentTarget: { value } }) => {
						if (isPriority(value)) draft.setPriority(value);
					}}
					data={priorities.map((one) => ({
						value: one,
						label: t(`priority.${one}`),
					}))}
				/>
			</div>
			{ticket.priority === "critical" && (
				<Textarea
					label={t("newTicket.criticalReason")}
					description={t("newTicket.criticalHint")}
					value={ticket.criticalReason}
					onChange={(event) =>
						draft.setCriticalReason(event.currentTarget.value)
					}
					rows={2}
					minLength={10}
					maxLength={2_000}
					required
					error={faultAt("/criticalReason")}
				/>
			)}
			<TextInput
				label={t("newTicket.subject")}
				value={ticket.subject}
				onChange={(event) => draft.setSubject(event.currentTarget.value)}
				maxLength={255}
				required
				error={faultAt("/subject")}
			/>
			<FilesField files={files}>
				<Textarea
					label={t("newTicket.message")}
					value={ticket.message}
					onChange={(event) => draft.setMessage(event.currentTarget.value)}
					rows={9}
					maxLength={65_535}
					required
					error={faultAt("/message")}
				/>
			</FilesField>
			<CcField text={ticket.cc} onText={draft.setCc} error={error} />
		</>
	);
}

function ServiceOptions({
	label,
	services,
}: {
	readonly label: string;
	readonly services: readonly OwnService[];
}) {
	if (services.length === 0) return null;
	return (
		<optgroup label={label}>
			{services.map(({ id, name, detail }) => (
				<option key={id} value={id}>
					{detail === null ? name : `${name} (${detail})`}
				</option>
			))}
		</optgroup>
	);
}
