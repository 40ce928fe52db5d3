/**
 * Shared lines: questions that come while others are under way travel on the same connections, one behind the other, and
 * PostgreSQL answers them without going to sleep in between. To wake a process for each question costs both sides more than
 * a small question does.
 *
 * No timer: a question that comes to an idle process has a connection at once, and a line that has answered everything gives
 * its connection back. Each question is a transaction of its own; what fails fails alone. Who is behind a question that takes
 * long waits for it, so a line that has not moved for a while takes on nobody else, and a question that is known to take long
 * is not asked here.
 */
import type pg from "pg";
import { isUnreachable, sqlOn } from "./db.ts";
import type { Sql } from "./sql.ts";

/** Two keep one process busy: one is read while the other is filled. */
const linesMax = 2;

/** Longer than a busy process takes to come round to what was answered. */
const stillMs = 50;

interface Line {
	/** There when it has a connection. */
	readonly sql: Promise<Sql>;
	client: pg.PoolClient | undefined;
	/** Questions that are not answered yet. */
	waiting: number;
	/** When it was opened, or gave its last answer. */
	movedAt: number;
	broken: Error | undefined;
}

/**
 * Statements that change nothing, each alone. One that was behind another when the connection broke is asked again; all
 * other errors of the database and the connection pass through.
 *
 * @param pool of two connections or more: one is left to those who write
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

	/** Of those that move the one with the fewest before it; another one while they are not enough. */
	function lineNow(): Line {
		const now = clock();
		const moving = [...lines].filter(({ movedAt }) => now - movedAt < stillMs);
		const [first, ...others] = moving;
		if (first === undefined || moving.length < enough) return openLine(now);
		return others.reduce(
			(least, line) => (line.waiting < least.waiting ? line : least),
			first,
		);
	}

	function openLine(now: number): Line {
		const line: Line = {
			sql: pool.connect().then((client) => {
				line.client = client;
				return sqlOn(client);
			}),
			...{ client: undefined, waiting: 0, movedAt: now, broken: undefined },
		};
		lines.add(line);
		return line;
	}

	async function ask<Answer>(
		question: (sql: Sql) => Promise<Answer>,
	): Promise<Answer> {
		const line = lineNow();
		line.waiting += 1;
		try {
			return await onLine(line, question);
		} finally {
			line.waiting -= 1;
			line.movedAt = clock();
			if (line.waiting === 0) {
				lines.delete(line);
				line.client?.release(line.broken);
			}
		}
	}

	async function onLine<Answer>(
		line: Line,
		question: (sql: Sql) => Promise<Answer>,
	): Promise<Answer> {
		const sql = await line.sql;
		try {
			return await question(sql);
		} catch (error) {
			if (!(error instanceof Error) || !isUnreachable(error)) throw error;
			line.broken = error;
			// The first to hear of it was being answered; the others had only come behind it.
			const isFirst = lines.delete(line);
			if (isFirst) throw error;
		}
		return question(alone);
	}

	return {
		rows: (statement) => ask((sql) => sql.rows(statement)),
		first: (statement) => ask((sql) => sql.first(statement)),
		run: (statement) => ask((sql) => sql.run(statement)),
	};
}
