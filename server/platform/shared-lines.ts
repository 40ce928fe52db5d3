/**
 * Shared lines: questions that come while others are under way travel on the same connections, one behind the other, and
 * PostgreSQL answers them without going to sleep in between. To wake a process for each question costs both sides more than
 * a small question does.
 *
 * No timer: a question that comes to an idle process has a connection at once, and a line that has answered everything gives
 * its connection back. Each question is a transaction of its own; what fails fails alone. Who is behind a question that takes
 * long waits for it: such a one is not asked here, and a line that has not moved for a while takes on nobody else.
 */
import type pg from "pg";
import { isUnreachable, sqlOn } from "./db.ts";
import type { Sql } from "./sql.ts";

/** Two keep one process busy: one is read while the other is filled. */
const linesMax = 2;

/** Longer than a busy process takes to come round to what was answered. */
const stillMs = 30;

interface Line {
	/** There when it has a connection. */
	readonly sql: Promise<Sql>;
	/** Until it is given back. */
	client: pg.PoolClient | undefined;
	/** Questions that are not answered yet. */
	waiting: number;
	/** When it was opened, or gave its last answer. */
	movedAt: number;
	/** Why its connection is not to be used again. */
	failure: Error | undefined;
}

/**
 * Statements that change nothing, each alone. One that was behind another when the connection broke is asked again; all
 * other errors of the database and the connection pass through.
 *
 * @param pool of more than two connections: the lines never have them all
 * @param clock milliseconds that only grow
 */
export function createSharedLines(
	pool: pg.Pool,
	clock: () => number = () => performance.now(),
): Sql {
	const alone = sqlOn(pool);
	/** Those that may take on more. */
	const lines = new Set<Line>();
	const enough = Math.max(1, Math.min(linesMax, pool.options.max - 1));

	/** Of those that move the one with the fewest before it; none while all of them stand still. */
	function lineNow(): Line | undefined {
		const now = clock();
		if (lines.size < enough) return openLine(now);
		let best: Line | undefined;
		for (const line of lines)
			if (
				now - line.movedAt < stillMs &&
				(best === undefined || line.waiting < best.waiting)
			)
				best = line;
		return best;
	}

	function openLine(now: number): Line {
		const line: Line = {
			sql: pool.connect().then(
				(client) => {
					line.client = client;
					return sqlOn(client);
				},
				(error) => {
					lines.delete(line);
					throw error;
				},
			),
			...{ client: undefined, waiting: 0, movedAt: now, failure: undefined },
		};
		lines.add(line);
		return line;
	}

	async function ask<Answer>(
		question: (sql: Sql) => Promise<Answer>,
	): Promise<Answer> {
		const line = lineNow();
		// Each waits for its turn at the pool then, as those do who write.
		if (line === undefined) return question(alone);
		line.waiting += 1;
		try {
			return await askOn(line, question);
		} finally {
			line.waiting -= 1;
			line.movedAt = clock();
			if (line.waiting === 0) close(line);
		}
	}

	async function askOn<Answer>(
		line: Line,
		question: (sql: Sql) => Promise<Answer>,
	): Promise<Answer> {
		const sql = await line.sql;
		try {
			return await question(sql);
		} catch (error) {
			// After an error a connection is answered on to the end and not used again, as the pool does it.
			lines.delete(line);
			line.failure ??= error instanceof Error ? error : new Error();
			if (!isUnreachable(error)) throw error;
			// The first to hear of it was being answered; the others had only come behind it.
			if (line.client !== undefined) {
				close(line);
				throw error;
			}
		}
		return question(alone);
	}

	function close(line: Line): void {
		lines.delete(line);
		line.client?.release(line.failure);
		line.client = undefined;
	}

	return {
		rows: (statement) => ask((sql) => sql.rows(statement)),
		first: (statement) => ask((sql) => sql.first(statement)),
		run: (statement) => ask((sql) => sql.run(statement)),
	};
}
