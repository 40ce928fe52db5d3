/**
 * A statement that is prepared under a name, and described once in a process instead of at every execution: the names and
 * types of its columns are those of its text. Spares PostgreSQL writing, and us reading, a description that is often longer
 * than the row; rows become objects at once.
 *
 * Leans on what pg 8 does inside (lib/query.js); its own class describes each time.
 */
import pg from "pg";

type Parse = (text: string) => unknown;

/** What is known of a statement by its text. */
export interface PreparedForm {
	readonly text: string;
	readonly name: string;
	/** Undefined until it was described; of a statement without rows it is empty. */
	columns: readonly Column[] | undefined;
}

interface Column {
	/** In camel case. */
	readonly name: string;
	readonly parse: Parse;
}

/** What comes of it. */
export interface Answered {
	readonly rows: unknown[];
	/** Null for a statement that counts none. */
	readonly rowCount: number | null;
}

interface Field {
	readonly name: string;
	readonly dataTypeID: number;
}

/** A connection as a query of pg sees it, as far as it is looked at here. */
interface Wire {
	describe: (what: unknown) => void;
}

/** pg's query, as far as it is changed here. Its types leave this out. */
interface PgQuery {
	_accumulateRows: boolean;
	readonly _result: {
		parseRow: (values: readonly (string | null)[]) => unknown;
	};
	prepare(wire: Wire): void;
	handleRowDescription(message: { readonly fields: readonly Field[] }): void;
}

interface QueryConfig {
	readonly name: string;
	readonly text: string;
	readonly values: readonly unknown[];
}

// The class that pg exports; see PgQuery.
const Query = pg.Query as unknown as new (config: QueryConfig) => PgQuery;

class PreparedQuery extends Query {
	readonly #form: PreparedForm;
	readonly #types: pg.CustomTypesConfig;

	constructor(
		form: PreparedForm,
		values: readonly unknown[],
		types: pg.CustomTypesConfig,
	) {
		super({ name: form.name, text: form.text, values });
		this.#form = form;
		this.#types = types;
		this._accumulateRows = true;
		this._result.parseRow = (fields) => rowOf(form, fields);
	}

	override prepare(wire: Wire): void {
		super.prepare(this.#form.columns === undefined ? wire : undescribed(wire));
	}

	override handleRowDescription({
		fields,
	}: {
		readonly fields: readonly Field[];
	}): void {
		this.#form.columns = fields.map(({ name, dataTypeID }) => ({
			name: camelCase(name),
			parse: this.#types.getTypeParser(dataTypeID, "text"),
		}));
	}
}

/** The same connections, which are not asked to describe anything. */
const silent = new WeakMap<Wire, Wire>();

function undescribed(wire: Wire): Wire {
	let other = silent.get(wire);
	if (other === undefined) {
		// Shares everything else with the connection, what it keeps of prepared statements above all.
		const copy: Wire = Object.create(wire);
		copy.describe = () => {};
		silent.set(wire, copy);
		other = copy;
	}
	return other;
}

function rowOf(
	{ columns = [] }: PreparedForm,
	values: readonly (string | null)[],
): Record<string, unknown> {
	const row: Record<string, unknown> = {};
	for (let i = 0; i < columns.length; i += 1) {
		const column = columns[i];
		const value = values[i] ?? null;
		if (column !== undefined)
			row[column.name] = value === null ? null : column.parse(value);
	}
	return row;
}

function camelCase(column: string): string {
	return column.replace(/_([a-z0-9])/g, (_, letter: string) =>
		letter.toUpperCase(),
	);
}

/** A pool or one of its connections. */
interface Queryable {
	query(
		query: PreparedQuery,
		values: undefined,
		done: (error: Error | null | undefined, answered: Answered) => void,
	): void;
}

/** Executes a statement. Errors of the database and the connection pass through. */
export function execute(
	queryable: Queryable,
	form: PreparedForm,
	{
		values,
		types,
	}: {
		readonly values: readonly unknown[];
		readonly types: pg.CustomTypesConfig;
	},
): Promise<Answered> {
	return new Promise((resolve, reject) => {
		queryable.query(
			new PreparedQuery(form, values, types),
			undefined,
			(error, answered) => {
				if (error) {
					reject(error);
					return;
				}
				// Described, and there was nothing to say: it has no rows.
				form.columns ??= [];
				resolve(answered);
			},
		);
	});
}
