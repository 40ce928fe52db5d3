import { randomUUID } from "node:crypto";
import { newId } from "../kernel/id.ts";
import type { FaceName } from "./face.ts";

/** The id of a request: a UUID in the first generation, `req_…` everywhere else (contract 2.1, 2.2). */
export function requestIdFor(face: FaceName | undefined, at: Date): string {
	return face === "v1" ? randomUUID() : newId("req", at);
}
