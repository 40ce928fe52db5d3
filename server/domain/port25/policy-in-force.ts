/** The policy that decides now, as the database has it. */
import { assert } from "../../kernel/assert.ts";
import type { Sql } from "../../platform/sql.ts";
import { parsePolicyDocument } from "./policy/parse-policy.ts";
import type { PolicyDocument } from "./policy/policy.ts";
import { findPolicyInForce } from "./policy-store.ts";

export interface PolicyInForce {
	readonly hash: string;
	readonly document: PolicyDocument;
}

/** Asserts that one was adopted: every start does. */
export async function policyInForce(db: Sql): Promise<PolicyInForce> {
	const stored = await findPolicyInForce(db);
	assert(stored, "a policy is in force once Postern has started");
	const parsed = parsePolicyDocument(stored.document);
	assert(parsed.ok, "a stored policy was valid when it was adopted");
	return { hash: stored.hash, document: parsed.policy };
}
