import { useWindowVirtualizer } from "@tanstack/react-virtual";
import {
	type KeyboardEvent,
	useEffect,
	useLayoutEffect,
	useRef,
	useState,
} from "react";
import { TicketLine } from "./TicketLine.tsx";
import type { TicketSummary } from "./ticket-pages.ts";

const rowPx = 66;

/** So many rows before the end the next page is fetched. */
const ahead = 60;

/** The ticket that was opened last: whoever comes back finds the focus there. */
let opened: string | undefined;

/** However many tickets, as many rows as the window shows. Arrow keys go from one to the next. */
export function TicketRows({
	tickets,
	label,
	onNearEnd,
}: {
	readonly tickets: readonly TicketSummary[];
	readonly label: string;
	readonly onNearEnd: () => void;
}) {
	const list = useRef<HTMLUListElement>(null);
	const [top, setTop] = useState(0);
	const rows = useWindowVirtualizer({
		count: tickets.length,
		estimateSize: () => rowPx,
		overscan: 8,
		scrollMargin: top,
		getItemKey: (i) => tickets[i]?.id ?? i,
	});
	useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
	const shown = rows.getVirtualItems();
	const last = shown.at(-1)?.index ?? 0;
	useEffect(() => {
		if (last >= tickets.length - ahead) onNearEnd();
	}, [last, tickets.length, onNearEnd]);

	function focusOn(i: number): void {
		if (i < 0 || i >= tickets.length) return;
		rows.scrollToIndex(i, { align: "auto" });
		// Once it is among the rows that are shown.
		requestAnimationFrame(() => linkAt(i)?.focus({ preventScroll: true }));
	}
	function linkAt(i: number): HTMLElement | null | undefined {
		return list.current?.querySelector<HTMLElement>(`[data-index="${i}"] a`);
	}
	const comeBack = useRef(() => {
		const i = tickets.findIndex(({ id }) => id === opened);
		opened = undefined;
		if (i >= 0) focusOn(i);
	});
	useEffect(() => comeBack.current(), []);

	function move(event: KeyboardEvent): void {
		const row =
			event.target instanceof Element ? event.target.closest("li") : null;
		const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
		if (row === null || step === undefined) return;
		event.preventDefault();
		focusOn(Number(row.dataset["index"]) + step);
	}

	return (
		<ul
			ref={list}
			className="rows virtual"
			aria-label={label}
			style={{ height: rows.getTotalSize() }}
			onKeyDown={move}
		>
			{shown.map(({ index, key, start }) => {
				const ticket = tickets[index];
				return (
					ticket !== undefined && (
						<li
							key={key}
							ref={rows.measureElement}
							data-index={index}
							aria-posinset={index + 1}
							// How many there are in all nobody counts.
							aria-setsize={-1}
							style={{ transform: `translateY(${start - top}px)` }}
							onClickCapture={() => {
								opened = ticket.id;
							}}
						>
							<TicketLine ticket={ticket} />
						</li>
					)
				);
			})}
		</ul>
	);
}
