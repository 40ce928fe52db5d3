/** A ticket before it is opened: everything of it is a draft. */
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import type { paths } from "../api/generated.ts";
import { useDraft } from "../ui/use-draft.ts";
import { addressesIn } from "./cc.ts";

type Body =
	paths["/api/v2/support/tickets"]["post"]["requestBody"]["content"]["application/json"];

export const priorities = [
	"low",
	"medium",
	"high",
	"urgent",
	"critical",
] as const;

export type Priority = (typeof priorities)[number];

export function isPriority(text: string): text is Priority {
	return priorities.some((one) => one === text);
}

export interface Ticket {
	readonly departmentSlug: string;
	readonly subject: string;
	readonly message: string;
	readonly priority: Priority;
	readonly criticalReason: string;
	/** As typed. */
	readonly cc: string;
	/** Of the linked service; empty for none. */
	readonly serviceId: string;
}

export function ticketBody(ticket: Ticket): Body {
	const { departmentSlug, subject, message, priority, serviceId } = ticket;
	const ccEmails = addressesIn(ticket.cc);
	return {
		...{ departmentSlug, subject, message, priority },
		...(ccEmails.length > 0 && { ccEmails }),
		...(serviceId !== "" && { context: { serviceId } }),
		...(priority === "critical" && { criticalReason: ticket.criticalReason }),
	};
}

const route = getRouteApi("/tickets/new");

/** @param departmentSlug the department before one is chosen */
export function useNewTicket(departmentSlug: string) {
	const drafts = {
		slug: useDraft("new department"),
		subject: useDraft("new subject"),
		message: useDraft("new message"),
		priority: useDraft("new priority"),
		critical: useDraft("new critical reason"),
		cc: useDraft("new cc"),
		service: useDraft("new service"),
	};
	const { service: asked } = route.useSearch();
	const { setText: setService } = drafts.service;
	useEffect(() => {
		if (asked !== undefined) setService(asked);
	}, [asked, setService]);
	const { text: priority } = drafts.priority;
	const ticket: Ticket = {
		departmentSlug: drafts.slug.text || departmentSlug,
		subject: drafts.subject.text,
		message: drafts.message.text,
		priority: isPriority(priority) ? priority : "medium",
		criticalReason: drafts.critical.text,
		cc: drafts.cc.text,
		serviceId: drafts.service.text,
	};
	return {
		ticket,
		setDepartment: drafts.slug.setText,
		setSubject: drafts.subject.setText,
		setMessage: drafts.message.setText,
		setPriority: (chosen: Priority) => drafts.priority.setText(chosen),
		setCriticalReason: drafts.critical.setText,
		setCc: drafts.cc.setText,
		setService,
		clear() {
			for (const draft of Object.values(drafts)) draft.clear();
		},
	};
}

export type NewTicketDraft = ReturnType<typeof useNewTicket>;
