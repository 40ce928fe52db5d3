/** How a run was made, and where: the last two parts of its page. */
import { rounds } from "./growth.ts";
import { clientsInTurn } from "./inventory.ts";
import type { Run } from "./page.ts";
import { parts } from "./plan.ts";

export function methodText(run: Run): string {
	const { pace, requests, tickets, growth, minutes } = run;
	const addresses = requests?.addresses ?? 0;
	const sizes = pace.requests.map(whole).join(" and then ");
	return [
		`\`npm run bench\` repeats it (this run took ${minutes().toFixed(0)} min); nothing else should be running. \`npm run bench -- --quick\` shows that everything runs, with smaller numbers; \`-- --only review-list\` (or ${parts
			.filter((part) => part !== "review-list")
			.map((part) => `\`${part}\``)
			.join(
				", ",
			)}) runs a part and prints it; \`-- --ten-million\` adds ten million to the tickets of \`growth\` and to the requests of the review queue.`,
		`- The server is what \`npm start\` starts, one process with API and worker, with its default settings; only the rate limits and the limit of submissions are raised out of the way. Its log goes to a file. The database is the PostgreSQL that comes with Postern, with its durable settings, in a temporary folder. Both, and the load, share the machine.
- The load is a process of its own (\`bench/load.ts\`): each connection is kept alive and asks again as soon as it was answered. ${pace.warmUpS} s to warm up, ${pace.measureS} s measured; percentiles are of the raw samples. An answer other than the one expected ends the run.
- Each submission is for an address that was never asked for: ${whole(addresses)} are seeded, eight on each VPS, four VPS to a client. ${clientsInTurn} clients, each with a key of its own, take turns until their addresses are used up, then the next ${clientsInTurn}; so no two submissions wait for the lock on one client. A key that is in use is read again every second, and a client's quota is leased once a minute: both are in the figures. The list reads the first page of 32 approved requests, of 64 clients in turn.
- Beside it, pgbench writes the same rows (or reads them) as one statement a transaction, prepared, with one load thread: state rows, events, audit rows, job, and for an approval the entry, the site's revision and the delta. It locks and reads nothing before; its receipts are copies of one of ours. That the rows are the same is looked at before anything is measured. ${pace.pgbenchWarmUpS} s to warm up, ${pace.pgbenchMeasureS} s measured; the best rate is the denominator of all rates, the latency of one caller that of the latencies. All approvals raise the revision of the one site: its row is locked until the commit, here and there.
- The review queue is \`GET /api/desk/port25-requests?state=pending&limit=20\` with ${sizes} requests, each in a database of its own, of which the newest 1 % wait; the others were approved, rejected and withdrawn in turn. They are written straight into the tables, with the receipt of a request that was made by the API. pgbench reads the same page.
- Tickets have a database of their own, with ${pace.tickets.map(whole).join(" and then ")} of them as \`npm run bench:seed\` writes them: years of tickets, few clients with thousands and most with a handful, some three messages each (${seedingText(tickets)}). The newest of them belong in turn to clients who write and read, up to 256 with 32 each; a reply adds one more message to one of these, a list reads the first 25 and a read one ticket with its messages. pgbench does the same to the same tickets, with ticket, message, event and audit row. That the rows are the same is looked at before anything is measured.
- The bare route ([bare-server.ts](bare-server.ts)) is Fastify and pg with the statements of our own stores, prepared, and as many connections; it answers with the rows as they come. The same load asks it for the same, after the server; once before, since the server was asked with fewer connections by then. One process and two are measured in the order one, two, two, one.
- The import has a database of its own, empty before. Its lines are a provider in which each client has two servers with two addresses each, and a shared-hosting account or a domain: four lines. Beside it, PostgreSQL writes the same rows (inventory, events, audit) into empty tables with the same indexes and checks, but without foreign keys, one statement a table. The last import says once more what is known. \`PUT of a VPS\` sends whole records of it with another name; pgbench writes the service, its event and its audit row.
- \`growth\` asks on one connection, one request after the other, for ${pace.costS} s each, among ${pace.growth.map(whole).join(" and ")} tickets (${seedingText(growth)}); of port 25 the same is asked in the databases of the review queue. Each size has a database and a server of its own; they are asked in turn, ${rounds} times, and the medians are told, so that what else the machine does is in all of them. The searched word stands in some of a client's tickets; the largest client has the most tickets of all.
- \`memory\` looks at the resident memory of the process every tenth of a second, through four quarters of ${pace.quarterS} s at 64 connections; together about as many requests as an hour of twenty a second. A start is counted from the start of the process to its answer on \`/readyz\`. Both are of a process that finds its compiled code, as every start but the first does where the data folder is the server's alone.
- \`costs\` evaluates the default policy on the facts of a client who is approved, and suspends and resumes one entry of a site with a thousand, with 1 and then 100 streams open.
- A checkpoint goes before each measurement, so that none pays for another's writes. Tables that were filled are vacuumed and analyzed; small ones are left as they are, as PostgreSQL leaves them.`,
	].join("\n\n");
}

export function machineText(run: Run): string {
	const { machine, requests, reviewList, tickets, imports, pgbench } = run;
	const postgres = (requests ?? reviewList ?? tickets ?? imports)?.postgres;
	const { cores, model, memoryGib, kernel, node, loadBefore } = machine;
	return [
		`- ${cores} cores (${model}), ${memoryGib} GiB of memory, ${kernel}; load average before the run: ${loadBefore.toFixed(2)}`,
		`- Node ${node.slice(1)}, PostgreSQL ${postgres?.version} (${postgres?.durability.join(", ")}), pgbench ${pgbench ?? "missing"}`,
	].join("\n");
}

function seedingText(part: Run["tickets"] | Run["growth"]): string {
	const times = (part?.seeded ?? []).map(
		(one) => `${whole(one.tickets)} in ${whole(one.seconds)} s`,
	);
	return times.length === 0
		? "not in this run"
		: `written: ${times.join(", ")}`;
}

function whole(value: number): string {
	return Math.round(value).toLocaleString("en");
}
