/** Asks every customer's every address what gets through, both families, and holds it against what should. */
import type { Namespace } from "./namespace.ts";
import type { Outcome, Route } from "./resident-commands.ts";
import { at, type Lab, openPorts, outbound } from "./topology.ts";

export interface Judged {
	readonly tried: number;
	/** One line for each attempt that went otherwise than it should. */
	readonly wrong: readonly string[];
}

interface Attempt {
	readonly space: Namespace;
	readonly route: Route;
	readonly should: Outcome;
}

const own = {
	one: [at.one.v4, at.one.v4Next, at.one.v6, at.one.v6Next],
	two: [at.two.v4, at.two.v4Next, at.two.v6, at.two.v6Next],
} as const;

export const customerAddresses: readonly string[] = [...own.one, ...own.two];

/** An answer comes at once; waiting longer only forgives a busy machine. Silence has to be waited for. */
const timeoutMs = { open: 5_000, refused: 5_000, silent: 300 } as const;

/** `allowed` are the addresses that may reach port 25, `refusal` what happens to the others. */
export async function judge(
	lab: Lab,
	allowed: readonly string[],
	refusal: "refused" | "silent" = "refused",
): Promise<Judged> {
	const { one, two, internet } = lab;
	const attempts: Attempt[] = [];
	for (const [space, addresses] of [
		[one, own.one],
		[two, own.two],
	] as const)
		for (const from of addresses) {
			const may = allowed.includes(from) ? "open" : refusal;
			attempts.push({ space, route: outbound(from), should: may });
			for (const port of openPorts)
				attempts.push({ space, route: outbound(from, port), should: "open" });
			// Mail to the customer's own server, from outside.
			const inbound = { to: from, port: 25 };
			attempts.push({ space: internet, route: inbound, should: "open" });
		}
	for (const [from, to] of [
		[at.one.v4, at.two.v4],
		[at.one.v6, at.two.v6],
	] as const)
		attempts.push({
			space: one,
			route: { from, to, port: 25 },
			should: allowed.includes(from) ? "open" : refusal,
		});
	const before = await seen(lab);
	const results = await Promise.all(attempts.map(outcomeOf));
	const wrong = results.flatMap((line) => (line === undefined ? [] : [line]));
	// What the server saw is the better witness of silence than a client that may not have waited long enough.
	const after = await seen(lab);
	for (const [peer, count] of after)
		if (!allowed.includes(peer) && count !== before.get(peer))
			wrong.push(`the server had a connection from ${peer}`);
	return { tried: attempts.length, wrong };
}

async function outcomeOf({
	space,
	route,
	should,
}: Attempt): Promise<string | undefined> {
	const outcome = await space.ask("connect", {
		...route,
		timeoutMs: timeoutMs[should],
	});
	return outcome === should
		? undefined
		: `${space.name} ${route.from ?? ""} → ${route.to}:${route.port} is ${outcome}, not ${should}`;
}

/** Connections to the internet's port 25, by customer's address. */
async function seen({ internet }: Lab): Promise<Map<string, number>> {
	const counts = new Map<string, number>();
	for (const peer of customerAddresses) {
		const sessions = await internet.ask("served", { peer });
		counts.set(peer, sessions.filter(({ port }) => port === 25).length);
	}
	return counts;
}
