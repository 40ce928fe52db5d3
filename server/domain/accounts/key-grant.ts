/**
 * What a key may hand on: nothing that it does not have itself (contract 14.18). By meaning, not by name: a key with
 * `write:all` hands on `write:support`, and one with every single writing scope does not hand on `write:all`.
 */
import { isScope, scopesSatisfy } from "../../kernel/actor.ts";
import { type Fault, refuse } from "../../kernel/errors.ts";

/** What a key may do, and until when. */
export interface Grant {
	readonly scopes: readonly string[];
	/** Null: never, which is later than any date. */
	readonly expiresAt: Date | null;
}

/** What is wished for; a field that is absent is not asked for. */
export interface WishedGrant {
	readonly scopes?: readonly string[] | undefined;
	readonly expiresAt?: Date | null | undefined;
}

/** Whether the second may do nothing that the first may not, and ends no later. */
export function covers(own: Grant, other: Grant): boolean {
	return (
		other.scopes.every((scope) => coversScope(own, scope)) &&
		endsInTime(own, other.expiresAt)
	);
}

/** Refuses `request.invalid` at `/scopes/{place}` for each scope that goes too far, and at `/expiresAt` for an end too late. */
export function checkWithin(own: Grant, wished: WishedGrant): void {
	const { scopes = [], expiresAt } = wished;
	const faults: Fault[] = scopes.flatMap((scope, i) =>
		coversScope(own, scope)
			? []
			: [
					{
						pointer: `/scopes/${i}`,
						detail: "The key that asks does not have this scope itself.",
					},
				],
	);
	if (expiresAt !== undefined && !endsInTime(own, expiresAt))
		faults.push({
			pointer: "/expiresAt",
			detail: `\`expiresAt\` may not be later than the end of the key that asks, ${own.expiresAt?.toISOString()}.`,
		});
	if (faults.length > 0) refuse("request.invalid", { faults });
}

function coversScope(own: Grant, scope: string): boolean {
	return isScope(scope) && scopesSatisfy(own.scopes, scope);
}

function endsInTime(own: Grant, expiresAt: Date | null): boolean {
	if (own.expiresAt === null) return true;
	return expiresAt !== null && expiresAt <= own.expiresAt;
}
