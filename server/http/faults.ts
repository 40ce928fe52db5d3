/** What a validator found wrong, in sentences and pointers that a caller can act on (contract 2.1, 14.4, 14.5). */
import type { FastifySchemaValidationError } from "fastify";
import type { Fault } from "../kernel/errors.ts";
import { pathFrom, pointerTo, shownName } from "./pointers.ts";

/** More faults than this help nobody. */
const faultsMax = 20;

/** The framework's validation error, as far as it is read here. */
export interface ValidationError {
	readonly validation: readonly FastifySchemaValidationError[];
	/** `body`, `querystring` or `params`. */
	readonly validationContext: string;
}

export function isValidationError(error: unknown): error is ValidationError {
	return (
		typeof error === "object" &&
		error !== null &&
		"validation" in error &&
		Array.isArray(error.validation) &&
		"validationContext" in error &&
		typeof error.validationContext === "string"
	);
}

/** One fault for each place that is wrong, in the order of the schema; at most 20. */
export function faultsOf(error: ValidationError): Fault[] {
	const isQuery = error.validationContext === "querystring";
	const faults = new Map<string, Fault>();
	for (const found of error.validation) {
		if (faults.size >= faultsMax) break;
		const fault = isQuery ? queryFault(found) : bodyFault(found);
		// A value of the wrong type also breaks other rules; the first one said is the type.
		if (!faults.has(fault.pointer) || found.keyword === "type")
			faults.set(fault.pointer, fault);
	}
	return [...faults.values()];
}

function bodyFault(found: FastifySchemaValidationError): Fault {
	const path = placeOf(found);
	if (path.length === 0)
		return { pointer: "", detail: `The request body ${complaint(found)}` };
	const name = shownName(path);
	const detail =
		found.keyword === "additionalProperties"
			? `\`${name}\` is not a field of this request.`
			: `\`${name}\` ${complaint(found)}`;
	return { pointer: pointerTo(path), detail };
}

function queryFault(found: FastifySchemaValidationError): Fault {
	const [name = ""] = placeOf(found);
	return { pointer: `?${name}`, detail: queryDetail(found, shownName([name])) };
}

function queryDetail(
	found: FastifySchemaValidationError,
	name: string,
): string {
	if (found.keyword === "required")
		return `\`${name}\` query parameter is required.`;
	if (found.keyword === "additionalProperties")
		return `\`${name}\` is not a query parameter of this resource.`;
	return `\`${name}\` ${complaint(found)}`;
}

/** The place that is wrong; what is missing or too much stands in the validator's parameters. */
function placeOf({
	instancePath,
	keyword,
	params,
}: FastifySchemaValidationError): string[] {
	const path = pathFrom(instancePath);
	if (keyword === "required")
		return [...path, String(params["missingProperty"])];
	if (keyword === "additionalProperties")
		return [...path, String(params["additionalProperty"])];
	return path;
}

/** The rest of a sentence that begins with the name. */
function complaint({ keyword, params }: FastifySchemaValidationError): string {
	const limit = numeral(params["limit"]);
	switch (keyword) {
		case "required":
			return "is required.";
		case "type":
			return `must be ${typeNames(params["type"])}.`;
		case "enum":
			return `must be one of: ${words(params["allowedValues"])}.`;
		case "const":
			return `must be ${JSON.stringify(params["allowedValue"])}.`;
		case "minLength":
			return params["limit"] === 1
				? "must not be empty."
				: `must have at least ${limit} characters.`;
		case "maxLength":
			return `may be at most ${limit} characters.`;
		case "minimum":
			return `must be at least ${limit}.`;
		case "maximum":
			return `must be at most ${limit}.`;
		case "minItems":
			return `must have at least ${limit} items.`;
		case "maxItems":
			return `may have at most ${limit} items.`;
		case "uniqueItems":
			return "must not hold the same item twice.";
		case "format":
			return (
				formatComplaints.get(String(params["format"])) ?? "has the wrong form."
			);
		default:
			return "is not valid.";
	}
}

const formatComplaints = new Map([
	["not-blank", "must not be blank."],
	["email", "must be an e-mail address."],
	["email-address", "must be an e-mail address, like ops@example.com."],
	["uuid", "must be a UUID."],
	["uri", "must be a URI."],
	["date", "must be a date like 2026-04-27."],
	["date-time", "must be an instant like 2026-04-27T11:45:00.000Z."],
]);

const typeNameOf = new Map([
	["string", "a string"],
	["integer", "an integer"],
	["number", "a number"],
	["boolean", "true or false"],
	["array", "an array"],
	["object", "an object"],
	["null", "null"],
]);

function typeNames(type: unknown): string {
	const types = Array.isArray(type)
		? type.map(String)
		: String(type).split(",");
	return types.map((name) => typeNameOf.get(name) ?? name).join(" or ");
}

function words(values: unknown): string {
	return Array.isArray(values) ? values.map(String).join(", ") : "";
}

function numeral(value: unknown): string {
	return typeof value === "number" ? value.toLocaleString("en") : String(value);
}
