/** Puts a policy in force. */
import type { Verb } from "../../platform/perform.ts";
import type { PolicyDocument } from "./policy/policy.ts";
import { policyHash } from "./policy/receipt.ts";
import {
	findHashInForce,
	insertPolicy,
	updatePolicyInForce,
} from "./policy-store.ts";

/** Decides every later request by this document; nothing happens when it is in force already. */
export const adoptPolicy: Verb<PolicyDocument, { readonly hash: string }> = {
	name: "adopt-policy",
	async run(tx, document) {
		const hash = policyHash(document);
		if ((await findHashInForce(tx)) === hash) return { hash };
		await insertPolicy(tx, { hash, document, at: tx.now });
		await updatePolicyInForce(tx, hash);
		tx.emit({
			kind: "policy.adopted",
			subject: "policy",
			clientId: null,
			data: { hash },
		});
		return { hash };
	},
};
