import type pg from "pg";

/**
 * Runs `body` in a transaction of the given mode (`isolation level …`; empty for the usual one) and commits it. Only for
 * reading and filling whole databases; whatever happens in an installation goes through `perform`.
 */
export async function inTransaction<Output>(
	client: pg.ClientBase,
	mode: string,
	body: () => Promise<Output>,
): Promise<Output> {
	await client.query(`begin ${mode}`);
	try {
		const output = await body();
		await client.query("commit");
		return output;
	} catch (error) {
		// What broke it is told, not that a broken connection cannot roll back either.
		await client.query("rollback").catch(() => {});
		throw error;
	}
}
