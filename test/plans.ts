/** How PostgreSQL would go about a statement: for tests that it reads no more than it shows. */
import pg from "pg";
import type { Sql, Statement } from "../server/platform/sql.ts";

/** With the values of the day, and with the plan that a connection keeps for all values. */
export const planModes = ["force_custom_plan", "force_generic_plan"] as const;

export type PlanMode = (typeof planModes)[number];

/** The only statement that a function of a store sends. */
export async function statementOf(
	send: (db: Sql) => Promise<unknown>,
): Promise<Statement> {
	const sent: Statement[] = [];
	await send({
		rows: async (statement) => {
			sent.push(statement);
			return [];
		},
		first: async (statement) => {
			sent.push(statement);
			return undefined;
		},
		run: async () => 0,
	});
	const [statement] = sent;
	if (statement === undefined || sent.length > 1)
		throw new Error(`${sent.length} statements instead of one`);
	return statement;
}

interface PlanNode {
	readonly "Node Type": string;
	readonly "Index Name"?: string;
	readonly "Actual Rows": number;
	readonly "Actual Loops": number;
	readonly "Rows Removed by Filter"?: number;
	readonly Plans?: readonly PlanNode[];
}

/** Runs the statement, and says how many rows were looked at, whatever for, and by which way. */
export async function rowsLookedAt(
	owner: pg.ClientBase,
	mode: PlanMode,
	{ text, values }: Statement,
): Promise<{ readonly rows: number; readonly ways: string }> {
	await owner.query(`set plan_cache_mode = ${mode}`);
	await owner.query(`prepare looked as ${text}`);
	try {
		const given = values.map((value) =>
			pg.escapeLiteral(
				value instanceof Date ? value.toISOString() : String(value),
			),
		);
		const { rows } = await owner.query(
			`explain (analyze, format json) execute looked ${given.length === 0 ? "" : `(${given.join(", ")})`}`,
		);
		const scans = scansOf(rows[0]["QUERY PLAN"][0].Plan);
		return {
			rows: scans.reduce((sum, one) => sum + rowsOf(one), 0),
			ways: scans
				.map((one) => `${one["Index Name"] ?? "-"} ${rowsOf(one)}`)
				.join(", "),
		};
	} finally {
		await owner.query("deallocate looked");
	}
}

function scansOf(node: PlanNode): PlanNode[] {
	const below = (node.Plans ?? []).flatMap(scansOf);
	return /Scan/.test(node["Node Type"]) ? [node, ...below] : below;
}

function rowsOf(node: PlanNode): number {
	return (
		node["Actual Loops"] *
		(node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0))
	);
}
