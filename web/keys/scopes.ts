/** What a key may be allowed, from looking at one's own account to everything (contract 3). */
import { en } from "../words/en.ts";
import type { Scope } from "./reads.ts";

export const scopes = [
	"read:support",
	"write:support",
	"read:account",
	"write:account",
	"read:vm",
	"write:vm",
	"read:hosting",
	"read:domains",
	"write:domains",
	"read:all",
	"write:all",
] as const satisfies readonly Scope[];

/** How the words for it are found: `:` separates something else there. */
export type ScopeWord = keyof typeof en.keys.scope;

export function wordOf(scope: string): ScopeWord | undefined {
	const word = scope.replace(":", "_");
	return isWord(word) ? word : undefined;
}

function isWord(word: string): word is ScopeWord {
	return Object.hasOwn(en.keys.scope, word);
}

/** Those that no wider one among them gives already. */
export function uncovered(held: readonly string[]): string[] {
	return held.filter(
		(scope) =>
			scope.endsWith(":all") || !held.includes(`${scope.split(":")[0]}:all`),
	);
}

/** Whether the wider one gives what the other names. */
export function covers(held: ReadonlySet<Scope>, scope: Scope): boolean {
	const [side] = scope.split(":");
	const wide = side === "read" ? "read:all" : "write:all";
	return scope !== wide && held.has(wide);
}
