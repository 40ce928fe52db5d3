/**
 * Places: how many of something a key may have open at once, counted over all processes on one database.
 *
 * A place taken is a row with the number of the process that took it. A process holds an advisory lock on its number for as
 * long as it lives (`waking.ts`, on the connection that it keeps for itself), so the places of one that was killed are free
 * at once, without anybody waiting for a lease to run out. While a process has lost that connection its places can be taken
 * by others: for that moment a key may have more open than it should, never fewer.
 */
import { type Sql, sql } from "./sql.ts";

/** Any constant: the first half of the advisory locks on the numbers of processes. */
export const processLocks = 252_525_002;

export interface Places {
	/** A place of the key, or undefined when all `max` are taken. Errors of the database pass through. */
	take(keyId: string, max: number): Promise<Place | undefined>;
	/** Resolves when what was freed so far is free for other processes, too, or the database is away. */
	settle(): Promise<void>;
}

export interface Place {
	/** Never fails: when the database is away, it is told later. */
	free(): void;
}

export interface PlacesParts {
	readonly db: Sql;
	/** Of this process. */
	readonly number: number;
}

/** Between two attempts to free places in a database that is away. */
const againMs = 1_000;

export function createPlaces({ db, number }: PlacesParts): Places {
	let left: { readonly keyId: string; readonly place: number }[] = [];
	let freeing: Promise<void> | undefined;

	async function freeAll(): Promise<void> {
		while (left.length > 0) {
			const those = left;
			left = [];
			try {
				await db.run(sql`
					delete from open_streams s
					using unnest(${those.map(({ keyId }) => keyId)}::text[], ${those.map(({ place }) => place)}::integer[])
						as l (key_id, place)
					where s.key_id = l.key_id and s.place = l.place and s.holder = ${number}`);
			} catch {
				// Whoever needs the database hears of it; these rows can wait.
				left = [...those, ...left];
				setTimeout(() => void settle(), againMs).unref();
				return;
			}
		}
	}

	function settle(): Promise<void> {
		freeing ??= freeAll().finally(() => {
			freeing = undefined;
		});
		return freeing;
	}

	return {
		async take(keyId, max) {
			// Who has just left one comes for another.
			if (left.length > 0 || freeing !== undefined) await settle();
			// Somebody else may be faster at the first free place: each time round one more is taken.
			for (let tries = 0; tries <= max; tries += 1) {
				const { free, place } = await takeOne(db, { keyId, max, number });
				if (free === 0) return undefined;
				if (place === null) continue;
				return {
					free() {
						left.push({ keyId, place });
						// Those that end together are freed together.
						setImmediate(() => void settle());
					},
				};
			}
			return undefined;
		},
		settle,
	};
}

interface Taken {
	/** How many were free. */
	readonly free: number;
	/** Null when somebody else took it first. */
	readonly place: number | null;
}

async function takeOne(
	db: Sql,
	{
		keyId,
		max,
		number,
	}: { readonly keyId: string; readonly max: number; readonly number: number },
): Promise<Taken> {
	// A lock that can be had is held by nobody: the process is gone. It is let go of with the statement.
	const found = await db.first(sql<Taken>`
		with free as materialized (
			select n as place from generate_series(1, ${max}::integer) n
			left join open_streams s on s.key_id = ${keyId} and s.place = n
			where s.holder is null or pg_try_advisory_xact_lock_shared(${processLocks}, s.holder)
		), taken as (
			insert into open_streams as s (key_id, place, holder)
			select ${keyId}, place, ${number} from free order by place limit 1
			on conflict (key_id, place) do update set holder = excluded.holder
			where pg_try_advisory_xact_lock_shared(${processLocks}, s.holder)
			returning place
		)
		select (select count(*) from free) as free, (select place from taken) as place`);
	return found ?? { free: 0, place: null };
}
