/** A line of an import: what the PUTs take, with the kind and the number that stand in their paths (contract 14.59). */
import { isUtf8 } from "node:buffer";
import Type from "typebox";
import type { InventoryReport } from "../../domain/inventory/save-inventory.ts";
import { serviceKinds } from "../../domain/inventory/service.ts";
import { Refusal, refuse } from "../../kernel/errors.ts";
import { bodyReader } from "../body-reader.ts";
import { bodyBytesMax } from "../json-body.ts";
import {
	clientFields,
	clientReport,
	LegacyId,
	serviceFields,
	serviceReport,
} from "./inventory-reports.ts";

/** Longest line, in bytes: as much as a body may have. */
export const lineBytesMax = bodyBytesMax;

/** Makes a reader of lines, which refuses `request.invalid` with all that is wrong in one. */
export function inventoryLineReader(): (line: Buffer) => InventoryReport {
	const readClient = bodyReader(
		Type.Object({
			kind: Type.Literal("client"),
			legacyId: LegacyId,
			...clientFields,
		}),
	);
	const readService = bodyReader(
		Type.Object({
			kind: Type.Enum([...serviceKinds]),
			legacyId: LegacyId,
			...serviceFields,
		}),
	);
	const readKind = bodyReader(
		Type.Object(
			{ kind: Type.Enum(["client", ...serviceKinds]) },
			{ additionalProperties: true },
		),
	);
	return (line) => {
		const value = parse(line);
		const named = kindIn(value);
		if (named === "client") {
			const { kind, legacyId, ...fields } = readClient(value);
			return { kind, ...clientReport(legacyId, fields) };
		}
		// Refuses, with all the kinds there are.
		if (!serviceKinds.some((kind) => kind === named)) readKind(value);
		const { kind, legacyId, ...fields } = readService(value);
		return serviceReport({ kind, legacyId }, fields);
	};
}

function kindIn(value: unknown): unknown {
	return typeof value === "object" && value !== null && "kind" in value
		? value.kind
		: undefined;
}

function parse(line: Buffer): unknown {
	if (!isUtf8(line))
		refuse("request.invalid", { detail: "The line is not valid UTF-8." });
	try {
		return JSON.parse(line.toString("utf8"));
	} catch {
		throw new Refusal("request.invalid", {
			detail: "The line is not valid JSON.",
		});
	}
}
