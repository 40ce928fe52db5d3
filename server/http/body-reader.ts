/** Reads values that came in no request by the rules of a route's body: the same schema, the same words for what is wrong. */
import { AjvCompiler } from "@fastify/ajv-compiler";
import type { Static, TSchema } from "typebox";
import { Refusal } from "../kernel/errors.ts";
import { uncleanPart } from "./clean-values.ts";
import { faultsOf } from "./faults.ts";
import { closed } from "./schema-forms.ts";
import { validatorOptions } from "./validation.ts";

/** Compiles a reader; it gives the value it was given, or refuses `request.invalid` with all that is wrong in it. */
export function bodyReader<Body extends TSchema>(
	schema: Body,
): (value: unknown) => Static<Body> {
	const compile = AjvCompiler()({}, validatorOptions);
	const validate = compile({ schema: closed(schema) });
	return (value) => {
		const unclean = uncleanPart(value);
		if (unclean !== undefined)
			throw new Refusal("request.invalid", { faults: [unclean] });
		if (validate(value) !== true) {
			const validation = validate.errors ?? [];
			const faults = faultsOf({ validation, validationContext: "body" });
			throw new Refusal("request.invalid", { faults });
		}
		// What the schema says of the value, the validator has just found to be true.
		return value as Static<Body>;
	};
}
