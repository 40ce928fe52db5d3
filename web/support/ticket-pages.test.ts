import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	mergeChanged,
	type TicketFilter,
	type TicketPages,
	type TicketSummary,
} from "./ticket-pages.ts";

const all: TicketFilter = { words: "", status: "", departmentSlug: "" };

function ticket(
	n: number,
	minute: number,
	status: TicketSummary["status"] = "open",
): TicketSummary {
	const at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
	return {
		...{ id: `tkt_${String(n).padStart(4, "0")}`, number: String(n), status },
		...{ subject: `${n}`, priority: "medium", departmentSlug: "vps" },
		...{ departmentName: "VPS", createdAt: at, updatedAt: at },
		...{ lastMessageAt: at, ccEmails: [], requesterName: null },
		...{ messageCount: 1, linkedServices: [] },
	};
}

function sorted(tickets: readonly TicketSummary[]): TicketSummary[] {
	const key = ({ lastMessageAt, id }: TicketSummary) =>
		`${lastMessageAt} ${id}`;
	return tickets.toSorted((a, b) => (key(a) < key(b) ? 1 : -1));
}

/** The first so many of a list, in pages; the last says whether there is more. */
function pagesOf(
	tickets: readonly TicketSummary[],
	{ read, size }: { readonly read: number; readonly size: number },
): TicketPages {
	const list = sorted(tickets);
	const pages = [];
	for (let at = 0; at < Math.max(read, 1); at += size)
		pages.push({
			data: list.slice(at, at + size),
			nextCursor: at + size < list.length ? `after ${at + size}` : null,
			asOf: "2026-01-01T00:00:00.000Z",
		});
	return { pages, pageParams: pages.map((_, i) => String(i)) };
}

function idsIn({ pages }: TicketPages): string[] {
	return pages.flatMap(({ data }) => data.map(({ id }) => id));
}

describe("what has changed is put into the pages that were read", () => {
	test("so that they are as if they had been read now, whatever changed", () => {
		fc.assert(
			fc.property(
				fc.array(fc.nat(500), { minLength: 1, maxLength: 40 }),
				fc.array(fc.tuple(fc.nat(45), fc.integer({ min: 501, max: 900 })), {
					maxLength: 8,
				}),
				fc.integer({ min: 1, max: 7 }),
				fc.nat(40),
				(minutes, changes, size, read) => {
					const before = minutes.map((minute, n) => ticket(n, minute));
					const changed = new Map(
						changes.map(([n, minute]) => [n, ticket(n, minute)]),
					);
					const after = [
						...before.filter((_, n) => !changed.has(n)),
						...changed.values(),
					];
					const known = pagesOf(before, { read, size });
					const merged = mergeChanged(
						known,
						{ data: sorted([...changed.values()]), asOf: "2026-01-02" },
						all,
					);
					const ids = idsIn(merged);
					// All of the newest are there, in order and once, as far as was read.
					expect(ids).toEqual(
						sorted(after)
							.map(({ id }) => id)
							.slice(0, ids.length),
					);
					const isWhole = known.pages.at(-1)?.nextCursor === null;
					if (isWhole) expect(ids).toHaveLength(after.length);
				},
			),
			{ seed: 20_261_126 },
		);
	});

	test("and what does not fit the filter any more is gone", () => {
		const filter: TicketFilter = { ...all, status: "open" };
		const known = pagesOf([ticket(1, 1), ticket(2, 2)], { read: 2, size: 10 });
		const changed = [ticket(2, 2, "closed"), ticket(3, 3, "answered")];
		const merged = mergeChanged(known, { data: changed, asOf: "x" }, filter);
		expect(idsIn(merged)).toEqual(["tkt_0001"]);
		expect(merged.pages[0]?.asOf).toBe("x");
	});

	test("and pages in which nothing changed stay the very same", () => {
		const tickets = Array.from({ length: 20 }, (_, n) => ticket(n, n));
		const known = pagesOf(tickets, { read: 20, size: 5 });
		const merged = mergeChanged(
			known,
			{ data: [ticket(19, 600)], asOf: "x" },
			all,
		);
		expect(merged.pages.slice(1)).toEqual(known.pages.slice(1));
		expect(merged.pages[2]).toBe(known.pages[2]);
	});
});
