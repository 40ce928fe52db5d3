import type pg from "pg";

/**
 * Sees to it that the next value of a sequence is at least `base`; it never goes back. Safe beside others that draw from it
 * or raise it: what is drawn waits while it is raised, and no value is given twice. Returns whether anything was changed.
 *
 * @param client connected as the owner of the sequence
 * @param base 1 or more
 */
export async function raiseSequence(
	client: pg.ClientBase,
	name: string,
	base: number,
): Promise<boolean> {
	const sequence = client.escapeIdentifier(name);
	const next = `case when is_called then last_value + 1 else last_value end`;
	const { rows } = await client.query<{ next: number }>(
		`select ${next} as next from ${sequence}`,
	);
	const before = rows[0]?.next ?? base;
	if (before >= base) return false;
	// One statement, so one transaction. Altering takes the lock that drawing waits for; only then is it looked at again.
	await client.query(`do $$ begin
		alter sequence ${sequence} owned by none;
		if (select ${next} < ${base} from ${sequence}) then
			alter sequence ${sequence} restart with ${base};
		end if;
	end $$`);
	return true;
}
