import { sha256Hex } from "../../../kernel/sha256.ts";
import { canonicalJson } from "./canonical.ts";
import { evaluate } from "./evaluate.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Facts } from "./facts.ts";
import type { PolicyDocument } from "./policy.ts";
import { field } from "./reading.ts";

/**
 * The proof of a decision: stored with the request, it can be replayed at any time and gives the same verdict bit for
 * bit (invariant I7). Plain JSON; the order of its fields means nothing.
 */
export type Receipt = {
	readonly policyVersion: number;
	/** SHA-256 of the policy's canonical JSON, 64 hexadecimal digits. */
	readonly policyHash: string;
	/** The same of the facts: a change to evidence that no rule looks at is noticed too. */
	readonly factsHash: string;
	readonly facts: Facts;
	readonly evaluation: Evaluation;
};

export type Verification = {
	readonly same: boolean;
	/** One line for each part that is not what it should be; empty when all is the same. */
	readonly differences: readonly string[];
};

/**
 * Decides, and writes down what was decided on. Pure, and total for any facts that are JSON.
 *
 * @throws Bug for facts that have no JSON (a Date, a BigInt): they could not be stored either
 */
export function makeReceipt(policy: PolicyDocument, facts: Facts): Receipt {
	return {
		policyVersion: policy.version,
		policyHash: policyHash(policy),
		factsHash: hashOf(facts),
		facts,
		evaluation: evaluate(policy, facts),
	};
}

/** What a receipt calls its policy by: equal documents have equal hashes, in whatever order their fields came. */
export function policyHash(policy: PolicyDocument): string {
	let hash = hashes.get(policy);
	if (hash === undefined) {
		hash = hashOf(policy);
		hashes.set(policy, hash);
	}
	return hash;
}

/** Documents do not change, and one of them decides many requests. */
const hashes = new WeakMap<PolicyDocument, string>();

/**
 * Replays a receipt: evaluates its facts with the policy again and compares every part by its canonical JSON.
 *
 * @param stored as it was read back; total for any JSON, since a receipt that was tampered with has any shape
 * @param policy the document stored under the receipt's `policyVersion`
 */
export function verifyReceipt(
	stored: unknown,
	policy: PolicyDocument,
): Verification {
	const facts = field(stored, "facts");
	if (!isFacts(facts))
		return { same: false, differences: ["facts: not there"] };
	const replayed = makeReceipt(policy, facts);
	const differences = parts.flatMap((path) =>
		difference(path, stored, replayed),
	);
	if (
		differences.length === 0 &&
		canonicalJson(stored) !== canonicalJson(replayed)
	) {
		differences.push("receipt: has fields that do not belong to one");
	}
	return { same: differences.length === 0, differences };
}

const parts = [
	["policyVersion"],
	["policyHash"],
	["factsHash"],
	["evaluation", "requirement"],
	["evaluation", "tier"],
	["evaluation", "verdict"],
	["evaluation", "publicReason"],
	["evaluation", "trace"],
] as const;

const shownMax = 80;

function difference(
	path: readonly string[],
	stored: unknown,
	replayed: Receipt,
): string[] {
	const [was, is] = [textAt(path, stored), textAt(path, replayed)];
	if (was === is) return [];
	const isShort = was.length <= shownMax && is.length <= shownMax;
	return [
		`${path.join(".")}: ${isShort ? `the receipt says ${was}, the replay ${is}` : "differs from the replay"}`,
	];
}

function textAt(path: readonly string[], root: unknown): string {
	const value = path.reduce<unknown>(field, root);
	return value === undefined ? "nothing" : canonicalJson(value);
}

/** Facts of any content will do, because `evaluate` is total; but there must be an object to hash. */
function isFacts(value: unknown): value is Facts {
	return typeof value === "object" && value !== null;
}

function hashOf(value: PolicyDocument | Facts): string {
	return sha256Hex(canonicalJson(value));
}
