/** The facts of a receipt as a reviewer goes through them: one by one, each with its source and its age. Pure. */
import { parseInstant } from "./policy/instant.ts";
import { field } from "./policy/reading.ts";

export interface KnownFact {
	/** `totalSpend`, `vpsBilling` …; one for each VPS. */
	readonly name: string;
	/** Null when it is not known, like all that follows. */
	readonly value: unknown;
	/** `billing`, `postern` … */
	readonly source: string | null;
	readonly observedAt: string | null;
	/** From when it was observed until now, in whole seconds. */
	readonly ageSeconds: number | null;
}

/** In this order. */
const names = [
	"identityProofs",
	"clientStatus",
	"accountCreatedAt",
	"totalSpend",
	"openAbuseCases",
	"vpsBilling",
	"address",
	"history",
] as const;

/**
 * Total: whatever was stored gives a list, in which every fact there could be has its place.
 *
 * @param receipt as it was read back
 */
export function knownFacts(receipt: unknown, now: Date): KnownFact[] {
	const facts = field(receipt, "facts");
	return names.flatMap((name) => {
		const found = field(facts, name);
		const several: readonly unknown[] = Array.isArray(found) ? found : [found];
		return several.map((fact) => knownFact(name, fact, now));
	});
}

function knownFact(name: string, fact: unknown, now: Date): KnownFact {
	const observedAt = textOf(field(fact, "observedAt"));
	const observed = parseInstant(observedAt);
	return {
		name,
		value: field(fact, "value") ?? null,
		source: textOf(field(fact, "source")),
		observedAt,
		ageSeconds:
			observed === undefined
				? null
				: Math.trunc((now.getTime() - observed) / 1_000),
	};
}

function textOf(value: unknown): string | null {
	return typeof value === "string" ? value : null;
}
