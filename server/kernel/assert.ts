/**
 * A mistake of ours, never of the caller: something that the code holds to be true was not.
 * A face answers it with 500 and neutral text; the message goes to the log only, so it names the broken
 * promise and never quotes data.
 */
export class Bug extends Error {
	override readonly name = "Bug";
}

/**
 * States what must be true here, and narrows the type accordingly.
 *
 * @param message the promise that was broken, without any value from outside
 * @throws Bug when the condition does not hold
 */
export function assert(condition: unknown, message: string): asserts condition {
	if (!condition) throw new Bug(message);
}

/**
 * Stands where the types say that no case is left. It stops compiling when a new case appears.
 *
 * @throws Bug always; the value itself stays out of the message, since nobody knows what it is
 */
export function unreachable(x: never): never {
	throw new Bug(`a case that nobody handles (of type ${typeof x})`);
}
