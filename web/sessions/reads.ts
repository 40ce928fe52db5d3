import { queryOptions } from "@tanstack/react-query";
import { type Api, bodyOf } from "../api/client.ts";
import type { paths } from "../api/generated.ts";

export type SessionRow =
	paths["/api/v2/sessions"]["get"]["responses"][200]["content"]["application/json"]["sessions"][number];

export const readSessions = (api: Api) =>
	queryOptions({
		queryKey: ["sessions"],
		queryFn: () => bodyOf(api.GET("/api/v2/sessions")),
	});
