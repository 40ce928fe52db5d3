/**
 * Whatever was thrown, as a refusal: ours as they are, the framework's by their codes, a database that is away as 503, and
 * everything else as a bug, of which the caller learns nothing.
 */
import { Refusal } from "../kernel/errors.ts";
import { isUnreachable } from "../platform/db.ts";
import { faultsOf, isValidationError } from "./faults.ts";

/** When a caller should come back to a server whose database is away. */
const unavailableMs = 5_000;

/** Also gives a refusal for errors that never reach a route. The original error belongs in the log when the kind is `internal`. */
export function refusalOf(error: unknown, now: Date): Refusal {
	if (error instanceof Refusal) return error;
	if (isValidationError(error)) {
		// A path that no resource can have is answered like one that no resource has (contract 14.27).
		if (error.validationContext === "params")
			return new Refusal("resource.not_found");
		return new Refusal("request.invalid", { faults: faultsOf(error) });
	}
	const framework = frameworkRefusal(error);
	if (framework !== undefined) return framework;
	if (isUnreachable(error))
		return new Refusal("server.unavailable", {
			retryAt: new Date(now.getTime() + unavailableMs),
		});
	return new Refusal("server.internal");
}

function frameworkRefusal(error: unknown): Refusal | undefined {
	switch (field(error, "code")) {
		case "FST_ERR_CTP_INVALID_JSON_BODY":
			return invalid("The request body is not valid JSON.");
		case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
			return invalid("The request body is not as long as Content-Length says.");
		case "FST_ERR_BAD_URL":
			return invalid("The URL is malformed.");
		case "FST_ERR_CTP_BODY_TOO_LARGE":
			return new Refusal("request.too_large");
		case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
			return new Refusal("request.media_type_unsupported");
		case "FST_ERR_MAX_PARAM_LENGTH":
			return new Refusal("request.route_unknown");
	}
	// A body that breaks off: the framework marks the stream's error, which could pass for one of the database.
	return field(error, "statusCode") === 400
		? invalid("The request body could not be read.")
		: undefined;
}

function invalid(detail: string): Refusal {
	return new Refusal("request.invalid", { detail });
}

function field(holder: unknown, name: string): unknown {
	return typeof holder === "object" && holder !== null
		? Reflect.get(holder, name)
		: undefined;
}
