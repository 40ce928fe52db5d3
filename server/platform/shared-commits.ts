/**
 * Shared commits: calls that come while others are under way gather, and the next transaction takes all of them along.
 * They pay for one commit together, which is what a small write costs most.
 *
 * No timer: a call that comes to an idle process is sent at once, and what gathers meanwhile is sent as soon as fewer than
 * two transactions are under way. Nobody is answered before the commit. Calls of one owner never share a transaction, nor
 * are two of them under way at the same time: within one transaction the database would not keep them apart. When a
 * transaction fails as a whole, each of its calls is done alone, as if it had never been in company.
 */
import type { Call, Outcome } from "./transaction.ts";

/** Two are enough: one commits while the other is filled. */
const underWayMax = 2;

/** More would hold their locks for long, and wait for each other's answers. */
const membersMax = 50;

export interface SharedCommits {
	/**
	 * Does the call, in a transaction with calls of other owners or without.
	 *
	 * @param owner whose things the call touches, and nobody else's
	 */
	join<Output>(owner: string, call: Call<Output>): Promise<Output>;
}

export interface SharedCommitsParts {
	/** Does the calls in one transaction, without waiting long for a lock; undefined when none of them has been done. */
	readonly together: (
		calls: readonly Call[],
	) => Promise<readonly Outcome[] | undefined>;
	/** Does one call in a transaction of its own, however long it waits. */
	readonly alone: (call: Call) => Promise<Outcome>;
}

interface Member {
	readonly owner: string;
	readonly call: Call;
	readonly settle: (outcome: Outcome) => void;
}

export function createSharedCommits({
	together,
	alone,
}: SharedCommitsParts): SharedCommits {
	let gathered: Member[] = [];
	/** Who has a call under way. */
	const owners = new Set<string>();
	let underWay = 0;
	let isDue = false;

	/** When all that has arrived in this turn of the event loop has been read. */
	function sendSoon(): void {
		if (isDue) return;
		isDue = true;
		setImmediate(() => {
			isDue = false;
			while (underWay < underWayMax) {
				const members = takeMembers();
				if (members.length === 0) return;
				underWay += 1;
				void send(members).finally(() => {
					underWay -= 1;
					sendSoon();
				});
			}
		});
	}

	/** Those who came first, but nobody whose owner has a call under way. */
	function takeMembers(): Member[] {
		const taken: Member[] = [];
		const left: Member[] = [];
		for (const member of gathered)
			if (taken.length < membersMax && !owners.has(member.owner)) {
				owners.add(member.owner);
				taken.push(member);
			} else left.push(member);
		gathered = left;
		return taken;
	}

	async function send(members: readonly Member[]): Promise<void> {
		const outcomes = await together(members.map(({ call }) => call));
		for (const [i, member] of members.entries()) {
			const outcome = outcomes?.[i];
			if (outcome !== undefined) settle(member, outcome);
			// Not awaited: what waits for somebody's lock must not keep the others waiting.
			else void alone(member.call).then((late) => settle(member, late));
		}
	}

	function settle(member: Member, outcome: Outcome): void {
		owners.delete(member.owner);
		member.settle(outcome);
		if (gathered.length > 0) sendSoon();
	}

	return {
		join<Output>(owner: string, call: Call<Output>) {
			return new Promise<Output>((resolve, reject) => {
				gathered.push({
					owner,
					call,
					settle(outcome) {
						if ("error" in outcome) reject(outcome.error);
						// The output of the call that was given.
						else resolve(outcome.output as Output);
					},
				});
				sendSoon();
			});
		},
	};
}
