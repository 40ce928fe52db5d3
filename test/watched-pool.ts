/** What runs on the connections of a pool, as it was sent. */
import type pg from "pg";

/** A statement that ran. */
export interface Executed {
	readonly text: string;
	readonly values: readonly unknown[];
}

/** Writes down what runs on the connections of a pool. */
export function watch(pool: pg.Pool) {
	let executed: Executed[] = [];
	let waiting: { readonly text: string; readonly go: () => void }[] = [];
	pool.on("connect", (client) => {
		const run = client.query.bind(client) as (...args: unknown[]) => unknown;
		Object.assign(client, {
			query(...args: unknown[]) {
				const [first] = args;
				const { text, values = [] } =
					typeof first === "string"
						? { text: first }
						: (first as { text: string; values?: readonly unknown[] });
				executed.push({ text, values });
				for (const one of waiting) if (text.includes(one.text)) one.go();
				return run(...args);
			},
		});
	});
	return {
		take() {
			const taken = executed;
			executed = [];
			return taken;
		},
		whenRunning: (text: string) =>
			new Promise<void>((resolve) => {
				const one = {
					text,
					go: () => {
						waiting = waiting.filter((other) => other !== one);
						resolve();
					},
				};
				waiting.push(one);
			}),
	};
}
