import { describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { connect } from "../db.ts";
import { inLoadOrder, readTables } from "./catalogue.ts";

const db = useDatabase();

describe("the order in which tables are loaded", () => {
	test("puts a table after those it refers to, and is by name otherwise", () => {
		const references = [
			{ from: "a", to: "z" },
			{ from: "z", to: "m" },
			{ from: "b", to: "m" },
		];
		expect(inLoadOrder(["a", "b", "m", "z"], references)).toEqual([
			"m",
			"b",
			"z",
			"a",
		]);
	});

	test("does not exist for tables that refer to each other, or to themselves, at once", () => {
		for (const references of [
			[
				{ from: "a", to: "b" },
				{ from: "b", to: "a" },
			],
			[{ from: "a", to: "a" }],
		])
			expect(() => inLoadOrder(["a", "b"], references)).toThrow(
				"refer to each other",
			);
	});

	test("exists for the schema as it is", async () => {
		const client = await connect(db.ownerTarget);
		try {
			const names = (await readTables(client)).map(({ name }) => name);
			expect(names).toContain("migrations");
			for (const [first, then] of [
				["clients", "services"],
				["leases", "port25_requests"],
				["sites", "allowlist_deltas"],
				["events", "audit"],
			] as const)
				expect(names.indexOf(first)).toBeLessThan(names.indexOf(then));
		} finally {
			await client.end();
		}
	});
});

test("generated columns, and those bound to the cluster, are no data", async () => {
	const client = await connect(db.ownerTarget);
	try {
		const tables = await readTables(client);
		const columnsOf = (name: string) =>
			tables
				.find((table) => table.name === name)
				?.columns.map((column) => column.name);
		expect(columnsOf("leases")).not.toContain("is_live");
		expect(columnsOf("leases")).toContain("ended_at");
		expect(columnsOf("events")).not.toContain("transaction");
		expect(columnsOf("events")).toContain("id");
	} finally {
		await client.end();
	}
});
