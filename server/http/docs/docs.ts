import type { FastifyInstance } from "fastify";
import type { ServerParts } from "../parts.ts";
export function registerDocs(_app: FastifyInstance, _parts: Pick<ServerParts, "faces" | "settings">): void {}
