import { queryOptions } from "@tanstack/react-query";
import { type Api, bodyOf } from "../api/client.ts";
import type { paths } from "../api/generated.ts";

export type ApiKey =
	paths["/api/v2/api-keys"]["get"]["responses"][200]["content"]["application/json"]["data"][number];

type CreateBody =
	paths["/api/v2/api-keys"]["post"]["requestBody"]["content"]["application/json"];

export type Scope = CreateBody["scopes"][number];

/** More than an account may hold (contract 14.18). */
const keysMax = 100;

export const readKeys = (api: Api) =>
	queryOptions({
		queryKey: ["keys"],
		queryFn: () =>
			bodyOf(
				api.GET("/api/v2/api-keys", {
					params: { query: { limit: keysMax } },
				}),
			),
	});
