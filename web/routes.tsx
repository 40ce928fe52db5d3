/** Which page stands at which address below `/support`; each is loaded when it is first shown. */
import {
	createRootRoute,
	createRoute,
	createRouter,
	lazyRouteComponent,
} from "@tanstack/react-router";
import { Shell } from "./shell/Shell.tsx";
import { Loading } from "./ui/Loading.tsx";
import { Problem } from "./ui/Problem.tsx";

const root = createRootRoute({ component: Shell });

const home = createRoute({
	getParentRoute: () => root,
	path: "/",
	component: lazyRouteComponent(() => import("./support/Home.tsx"), "Home"),
});

const tickets = createRoute({
	getParentRoute: () => root,
	path: "/tickets",
	component: lazyRouteComponent(
		() => import("./support/Tickets.tsx"),
		"Tickets",
	),
});

const newTicket = createRoute({
	getParentRoute: () => root,
	path: "/tickets/new",
	component: lazyRouteComponent(
		() => import("./support/NewTicket.tsx"),
		"NewTicket",
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
	routeTree: root.addChildren([home, tickets, newTicket, ticket]),
	basepath: "/support",
	defaultPreload: "intent",
	defaultPendingComponent: Loading,
	defaultErrorComponent: Problem,
	defaultNotFoundComponent: NotFound,
});

function NotFound() {
	return <Problem error={undefined} />;
}

declare module "@tanstack/react-router" {
	interface Register {
		router: typeof router;
	}
}
