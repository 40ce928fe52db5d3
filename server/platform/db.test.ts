import { describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { sql } from "./sql.ts";

const db = useDatabase();

describe("an instant of the database", () => {
	const read = async (text: string, zone = "UTC") => {
		const client = await db.pool.connect();
		try {
			await client.query(`set timezone = '${zone}'`);
			const { rows } = await client.query<{ at: unknown }>(
				"select $1::timestamptz as at",
				[text],
			);
			return rows[0]?.at;
		} finally {
			await client.query("reset timezone");
			client.release();
		}
	};

	test.each([
		["2026-11-20 10:00:00.123+00", "2026-11-20T10:00:00.123Z"],
		["2026-11-20 10:00:00.1+00", "2026-11-20T10:00:00.100Z"],
		["2026-11-20 10:00:00+00", "2026-11-20T10:00:00.000Z"],
		["2026-11-20 10:00:00.123456+00", "2026-11-20T10:00:00.123Z"],
		["1969-12-31 23:59:59.999+00", "1969-12-31T23:59:59.999Z"],
		["0099-01-01 00:00:00+00", "0099-01-01T00:00:00.000Z"],
		["9999-12-31 23:59:59.999+00", "9999-12-31T23:59:59.999Z"],
		["12026-01-01 00:00:00+00", "+012026-01-01T00:00:00.000Z"],
	])("%s is read to the millisecond", async (text, iso) => {
		expect(await read(text)).toEqual(new Date(iso));
	});

	test("is the same whatever zone the database writes it in", async () => {
		const at = new Date("2026-07-01T10:00:00.123Z");
		for (const zone of ["UTC", "Europe/Stockholm", "America/St_Johns"])
			expect(await read(at.toISOString(), zone), zone).toEqual(at);
	});

	test("may be without end", async () => {
		expect(await read("infinity")).toBe(Infinity);
	});
});

test("a whole number beyond 2^53 is refused, never rounded", async () => {
	await expect(
		db.sql.first(sql`select 9007199254740993::bigint as n`),
	).rejects.toThrow(/beyond 2\^53/);
});
