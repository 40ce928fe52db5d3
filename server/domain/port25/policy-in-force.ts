/** The policy that decides now, as the database has it. */
import { assert } from "../../kernel/assert.ts";
import type { Sql } from "../../platform/sql.ts";
import { parsePolicyDocument } from "./policy/parse-policy.ts";
import type { PolicyDocument } from "./policy/policy.ts";
import { findHashInForce, findPolicy } from "./policy-store.ts";

export interface PolicyInForce {
	readonly hash: string;
	readonly document: PolicyDocument;
}

/** The last one that was read: what a hash names never changes, so that it is read and checked once a process. */
let known: PolicyInForce | undefined;

/** Asserts that one was adopted: every start does. */
export async function policyInForce(db: Sql): Promise<PolicyInForce> {
	const hash = await findHashInForce(db);
	assert(hash, "a policy is in force once Postern has started");
	if (known?.hash !== hash) {
		const stored = await findPolicy(db, hash);
		const parsed = parsePolicyDocument(stored?.document);
		assert(parsed.ok, "a stored policy was valid when it was adopted");
		known = { hash, document: parsed.policy };
	}
	return known;
}
