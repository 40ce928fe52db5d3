/**
 * Rate limits in fixed windows of time, shared by all processes on one database (contract 5 and 14.9).
 *
 * A process leases quota in chunks and spends it in memory, so most requests cost no round trip, and all processes
 * together never let more than the limit through in a window. They may let a little less through: what one of them leased
 * and did not spend is lost with the window. The table is unlogged: a crash of the database starts the running window
 * over.
 */
import { assert } from "../kernel/assert.ts";
import { Refusal } from "../kernel/errors.ts";
import {
	amountToLease,
	bookLease,
	isExhausted,
	newQuota,
	type Quota,
	remainingOf,
	spend,
} from "./quota.ts";
import { type Sql, sql } from "./sql.ts";

/** Rows of windows that began longer ago are swept; the clocks of processes differ by less. */
const keptMs = 10 * 60_000;

const minuteMs = 60_000;

/** Something that is limited. */
export interface Bucket {
	/** The same in every process, and no other's in one request: `key key_…`, `client client_…`. */
	readonly name: string;
	/** How many may pass in a window, 1 or more. */
	readonly limit: number;
}

/** What became of a request, told by the bucket with the least left. */
export interface RateResult {
	readonly isAllowed: boolean;
	/** The bucket that tells. */
	readonly bucket: string;
	readonly limit: number;
	/** Exact with one process, else as of the last lease; 0 when refused. */
	readonly remaining: number;
	/** When the window ends. */
	readonly resetAt: Date;
	/** Whole seconds from the request to the end of its window, 1 or more. */
	readonly resetAfterS: number;
}

export interface RateLimit {
	/**
	 * Lets a request through, counting it in every bucket, or refuses it, counting it in none. A bucket found empty is
	 * remembered until its window ends and asks the database nothing more.
	 *
	 * Throws a Refusal `server.unavailable` when the quota cannot be leased: what needs the database could not be done either,
	 * and a limit that gives way under load is none.
	 *
	 * @param now the request's arrival: it counts in the window of that moment, however long a lease takes
	 */
	take(buckets: readonly [Bucket, ...Bucket[]], now: Date): Promise<RateResult>;
}

export interface RateLimitParts {
	readonly db: Sql;
	/** A minute when absent. */
	readonly windowMs?: number;
	/** Told why leasing failed; the callers are only told that it did. */
	readonly onError: (error: unknown) => void;
}

/** A bucket in one window, as this process knows it. */
interface Tally {
	readonly bucket: string;
	readonly startsAt: Date;
	readonly quota: Quota;
	/** The lease on its way; every request that comes meanwhile shares it. */
	leasing: Promise<void> | undefined;
	/** Requests that are not through yet. */
	waiting: number;
}

export function createRateLimit({
	db,
	windowMs = minuteMs,
	onError,
}: RateLimitParts): RateLimit {
	/** By start of window. The one before stays, for requests that arrived in it and are not through yet. */
	const windows = new Map<number, Map<string, Tally>>();

	function tallyOf({ name, limit }: Bucket, startsAt: number): Tally {
		let window = windows.get(startsAt);
		if (window === undefined) {
			window = new Map();
			windows.set(startsAt, window);
			const [oldest] = windows.keys();
			if (windows.size > 2 && oldest !== undefined) windows.delete(oldest);
		}
		let tally = window.get(name);
		if (tally === undefined) {
			tally = {
				bucket: name,
				startsAt: new Date(startsAt),
				quota: newQuota(limit),
				leasing: undefined,
				waiting: 0,
			};
			window.set(name, tally);
		}
		return tally;
	}

	/** Waits until each of these tallies has had an answer; one statement for all that nobody has asked for yet. */
	async function replenish(empty: readonly Tally[]): Promise<void> {
		const unasked = empty.filter((tally) => tally.leasing === undefined);
		if (unasked.length > 0) {
			const leasing = lease(db, unasked)
				.catch((error: unknown) => {
					onError(error);
					throw new Refusal("server.unavailable");
				})
				.finally(() => {
					for (const tally of unasked) tally.leasing = undefined;
				});
			for (const tally of unasked) tally.leasing = leasing;
		}
		await Promise.all(empty.map((tally) => tally.leasing));
	}

	async function pass(
		tallies: readonly Tally[],
	): Promise<Pick<RateResult, "isAllowed" | "bucket" | "limit" | "remaining">> {
		for (;;) {
			const exhausted = tallies.find(({ quota }) => isExhausted(quota));
			if (exhausted !== undefined)
				return { isAllowed: false, ...standing(exhausted) };
			const empty = tallies.filter(({ quota }) => quota.available === 0);
			if (empty.length === 0) {
				// Nothing is awaited between looking and spending: it is spent in all of them or in none.
				for (const { quota } of tallies) spend(quota);
				return { isAllowed: true, ...standing(tightest(tallies)) };
			}
			await replenish(empty);
		}
	}

	return {
		async take(buckets, now) {
			const startsAt = Math.floor(now.getTime() / windowMs) * windowMs;
			const tallies = buckets.map((bucket) => tallyOf(bucket, startsAt));
			for (const tally of tallies) tally.waiting += 1;
			try {
				const passage = await pass(tallies);
				return { ...passage, ...windowEnd(startsAt + windowMs, now) };
			} finally {
				for (const tally of tallies) tally.waiting -= 1;
			}
		},
	};
}

/**
 * Leases for these tallies in one statement and books what came back. Rows are written in the order of their buckets, so
 * that two processes that lease the same ones wait for each other and never deadlock.
 */
async function lease(db: Sql, tallies: readonly Tally[]): Promise<void> {
	const asked = tallies.map(({ quota, waiting }) =>
		amountToLease(quota, waiting),
	);
	const totals = await db.rows(sql<{ bucket: string; used: number }>`
		insert into rate_windows as w (bucket, starts_at, used)
		select bucket, starts_at, asked
		from unnest(
			${tallies.map(({ bucket }) => bucket)}::text[],
			${tallies.map(({ startsAt }) => startsAt)}::timestamptz[],
			${asked}::integer[]
		) as a (bucket, starts_at, asked)
		order by bucket
		on conflict (bucket, starts_at) do update set used = w.used + excluded.used
		returning bucket, used`);
	const totalOf = new Map(totals.map(({ bucket, used }) => [bucket, used]));
	for (const [i, { bucket, quota }] of tallies.entries()) {
		const total = totalOf.get(bucket);
		assert(total !== undefined, "each bucket that was asked for comes back");
		bookLease(quota, asked[i] ?? 0, total);
	}
}

/** Of several, the one with the least left. */
function tightest(tallies: readonly Tally[]): Tally {
	return tallies.reduce((least, tally) =>
		remainingOf(tally.quota) < remainingOf(least.quota) ? tally : least,
	);
}

function standing({
	bucket,
	quota,
}: Tally): Pick<RateResult, "bucket" | "limit" | "remaining"> {
	return { bucket, limit: quota.limit, remaining: remainingOf(quota) };
}

function windowEnd(
	endsAt: number,
	now: Date,
): Pick<RateResult, "resetAt" | "resetAfterS"> {
	const resetAfterS = Math.max(1, Math.ceil((endsAt - now.getTime()) / 1000));
	return { resetAt: new Date(endsAt), resetAfterS };
}

/** The refusal that a result which lets nothing through stands for. */
export function rateRefusal(
	result: RateResult,
	code: "rate.exceeded" | "rate.route_exceeded" = "rate.exceeded",
): Refusal {
	return new Refusal(code, { retryAt: result.resetAt });
}

/** Deletes the rows of windows that are long over; returns how many. */
export function sweepRateWindows(db: Sql, now: Date): Promise<number> {
	return db.run(
		sql`delete from rate_windows where starts_at < ${new Date(now.getTime() - keptMs)}`,
	);
}
