/** The faces that are served, each with its routes. */
import { deskRoutes } from "./desk/routes.ts";
import { edgeRoutes } from "./edge/routes.ts";
import type { Face } from "./face.ts";
import { v1Routes } from "./v1/routes.ts";
import { v2Routes } from "./v2/routes.ts";

export const faces: readonly Face[] = [
	{ name: "v1", prefix: "/api", routes: v1Routes },
	{ name: "v2", prefix: "/api/v2", routes: v2Routes },
	{ name: "desk", prefix: "/api/desk", routes: deskRoutes },
	{ name: "edge", prefix: "/api/edge", routes: edgeRoutes },
];
