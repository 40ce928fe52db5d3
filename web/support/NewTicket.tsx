import {
	Button,
	Group,
	NativeSelect,
	Stack,
	Textarea,
	TextInput,
	Title,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyOf } from "../api/client.ts";
import { ApiProblem } from "../api/problem.ts";
import { useSession } from "../shell/session.ts";
import { Loading } from "../ui/Loading.tsx";
import { Problem } from "../ui/Problem.tsx";
import { useDraft } from "../ui/use-draft.ts";
import { readDepartments } from "./reads.ts";

const priorities = ["low", "medium", "high", "urgent", "critical"] as const;

type Priority = (typeof priorities)[number];

/** Opens a ticket. */
export function NewTicket() {
	const { t } = useTranslation();
	const { api } = useSession();
	const queries = useQueryClient();
	const navigate = useNavigate();
	const departments = useQuery(readDepartments(api));
	const subject = useDraft("new subject");
	const message = useDraft("new message");
	const critical = useDraft("new critical reason");
	const [slug, setSlug] = useState<string>();
	const [priority, setPriority] = useState<Priority>("medium");
	const departmentSlug = slug ?? departments.data?.departments[0]?.slug ?? "";
	const sending = useMutation({
		mutationFn: () =>
			bodyOf(
				api.POST("/api/v2/support/tickets", {
					body: {
						departmentSlug,
						subject: subject.text,
						message: message.text,
						priority,
						...(priority === "critical" && { criticalReason: critical.text }),
					},
				}),
			),
		onSuccess: ({ id }) => {
			for (const draft of [subject, message, critical]) draft.clear();
			void queries.invalidateQueries({ queryKey: ["tickets"] });
			void navigate({ to: "/tickets/$id", params: { id } });
		},
	});
	const faultAt = (pointer: string) =>
		sending.error instanceof ApiProblem
			? sending.error.faultAt(pointer)
			: undefined;
	const isFieldFault =
		sending.error instanceof ApiProblem && sending.error.faults.length > 0;

	function submit(event: FormEvent): void {
		event.preventDefault();
		sending.mutate();
	}

	if (departments.isError)
		return <Problem error={departments.error} onRetry={departments.refetch} />;
	if (departments.isPending) return <Loading />;
	return (
		<form onSubmit={submit}>
			<Stack gap="md">
				<Title order={1}>{t("newTicket.title")}</Title>
				<Group grow align="flex-start">
					<NativeSelect
						label={t("newTicket.department")}
						value={departmentSlug}
						onChange={(event) => setSlug(event.currentTarget.value)}
						data={departments.data.departments.map((one) => ({
							value: one.slug,
							label: one.displayName,
						}))}
						error={faultAt("/departmentSlug")}
					/>
					<NativeSelect
						label={t("newTicket.priority")}
						value={priority}
						onChange={({ currentTarget: { value } }) =>
							setPriority(priorities.find((one) => one === value) ?? "medium")
						}
						data={priorities.map((one) => ({
							value: one,
							label: t(`priority.${one}`),
						}))}
					/>
				</Group>
				{priority === "critical" && (
					<Textarea
						label={t("newTicket.criticalReason")}
						description={t("newTicket.criticalHint")}
						value={critical.text}
						onChange={(event) => critical.setText(event.currentTarget.value)}
						rows={2}
						maxLength={2_000}
						required
						error={faultAt("/criticalReason")}
					/>
				)}
				<TextInput
					label={t("newTicket.subject")}
					value={subject.text}
					onChange={(event) => subject.setText(event.currentTarget.value)}
					maxLength={255}
					required
					error={faultAt("/subject")}
				/>
				<Textarea
					label={t("newTicket.message")}
					value={message.text}
					onChange={(event) => message.setText(event.currentTarget.value)}
					rows={9}
					required
					error={faultAt("/message")}
				/>
				{sending.isError && !isFieldFault && (
					<Problem error={sending.error} isSending />
				)}
				<Group justify="flex-end">
					<Button type="submit" loading={sending.isPending}>
						{t("newTicket.submit")}
					</Button>
				</Group>
			</Stack>
		</form>
	);
}
