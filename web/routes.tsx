/** Which page stands at which address below `/support`; each is loaded when it is first shown. */
import {
	createRootRoute,
	createRoute,
	createRouter,
	lazyRouteComponent,
} from "@tanstack/react-router";
import { Shell } from "./shell/Shell.tsx";
import { statuses } from "./support/ticket-statuses.ts";
import { Broken, NotFound } from "./ui/Failures.tsx";
import { Loading } from "./ui/Loading.tsx";

const root = createRootRoute({ component: Shell });

const home = createRoute({
	getParentRoute: () => root,
	path: "/",
	component: lazyRouteComponent(() => import("./support/Home.tsx"), "Home"),
});

const tickets = createRoute({
	getParentRoute: () => root,
	path: "/tickets",
	validateSearch(search): {
		q?: string | undefined;
		status?: (typeof statuses)[number] | "" | undefined;
		department?: string | undefined;
	} {
		const { q, status, department } = search;
		return {
			...(isText(q) && { q }),
			...(isText(status) && {
				status: statuses.find((one) => one === status) ?? "",
			}),
			...(isText(department) && { department }),
		};
	},
	component: lazyRouteComponent(
		() => import("./support/Tickets.tsx"),
		"Tickets",
	),
});

const newTicket = createRoute({
	getParentRoute: () => root,
	path: "/tickets/new",
	validateSearch: ({ service }): { service?: string } =>
		isText(service) ? { service } : {},
	component: lazyRouteComponent(
		() => import("./support/NewTicket.tsx"),
		"NewTicket",
	),
});

const server = createRoute({
	getParentRoute: () => root,
	path: "/servers/$id",
	component: lazyRouteComponent(() => import("./support/Server.tsx"), "Server"),
});

const keys = createRoute({
	getParentRoute: () => root,
	path: "/keys",
	component: lazyRouteComponent(() => import("./keys/Keys.tsx"), "Keys"),
});

const sessions = createRoute({
	getParentRoute: () => root,
	path: "/sessions",
	component: lazyRouteComponent(
		() => import("./sessions/Sessions.tsx"),
		"Sessions",
	),
});

const ticket = createRoute({
	getParentRoute: () => root,
	path: "/tickets/$id",
	component: lazyRouteComponent(
		() => import("./support/Conversation.tsx"),
		"Conversation",
	),
});

export const router = createRouter({
	routeTree: root.addChildren([
		home,
		...[tickets, newTicket, ticket],
		server,
		keys,
		sessions,
	]),
	basepath: "/support",
	defaultPreload: "intent",
	defaultPendingComponent: Loading,
	defaultErrorComponent: Broken,
	defaultNotFoundComponent: NotFound,
	scrollRestoration: true,
	// Text stays text: `?q=12` looks for these two characters.
	parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
	stringifySearch(search) {
		const said = Object.entries(search).filter((one): one is [string, string] =>
			isText(one[1]),
		);
		return said.length === 0 ? "" : `?${new URLSearchParams(said)}`;
	},
});

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

declare module "@tanstack/react-router" {
	interface Register {
		router: typeof router;
	}
}
