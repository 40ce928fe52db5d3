/**
 * Validators that are compiled when they are first asked. A process has hundreds of them, most of which nobody asks for hours:
 * compiling all took an eighth of the time of a start.
 */
import { AjvCompiler } from "@fastify/ajv-compiler";
import type { FastifySchema, FastifySchemaCompiler } from "fastify";
import { validatorOptions } from "./validation.ts";

/** The compiler of one server. */
export function createLateValidators(): FastifySchemaCompiler<FastifySchema> {
	const compile = AjvCompiler()({}, validatorOptions);
	return (part) => {
		let validate: ReturnType<typeof compile> | undefined;
		const late: ReturnType<FastifySchemaCompiler<FastifySchema>> = (
			data: unknown,
		) => {
			validate ??= compile(part);
			const isValid = validate(data) === true;
			// Where the framework looks for them.
			late.errors = validate.errors ?? null;
			return isValid;
		};
		return late;
	};
}
