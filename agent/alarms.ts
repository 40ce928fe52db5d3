/** What a person should know, one of each kind, until it is over and has been told. */
import type { AgentAlarm } from "../contract/edge-protocol.ts";

export type AlarmKind = AgentAlarm["kind"];

interface Entry {
	readonly alarm: AgentAlarm;
	/** Over, but the server may not know yet that it ever was. */
	isOver: boolean;
}

const detailLengthMax = 500;

export interface Alarms {
	raise(kind: AlarmKind, detail: string): void;
	clear(kind: AlarmKind): void;
}

export class AlarmBoard implements Alarms {
	readonly #entries = new Map<AlarmKind, Entry>();
	readonly #now: () => Date;
	readonly #onChange: (line: string) => void;

	/** @param onChange is told, in one line, of each alarm that begins, changes or ends */
	constructor(now: () => Date, onChange: (line: string) => void) {
		this.#now = now;
		this.#onChange = onChange;
	}

	raise(kind: AlarmKind, text: string): void {
		const detail = text.replace(/\s+/g, " ").slice(0, detailLengthMax);
		const known = this.#entries.get(kind);
		const isNew = known === undefined || known.isOver;
		if (!isNew && known.alarm.detail === detail) return;
		const since = isNew ? this.#now().toISOString() : known.alarm.since;
		this.#entries.set(kind, { alarm: { kind, detail, since }, isOver: false });
		this.#onChange(`alarm ${kind}: ${detail}`);
	}

	clear(kind: AlarmKind): void {
		const known = this.#entries.get(kind);
		if (known === undefined || known.isOver) return;
		known.isOver = true;
		this.#onChange(`over: ${kind}`);
	}

	/** Those that last. */
	get standing(): readonly AgentAlarm[] {
		return [...this.#entries.values()]
			.filter(({ isOver }) => !isOver)
			.map(({ alarm }) => alarm);
	}

	/** Those to report: they last, or were never reported. */
	get toReport(): readonly AgentAlarm[] {
		return [...this.#entries.values()].map(({ alarm }) => alarm);
	}

	/** The server has these. True when it has to hear that one of them is over. */
	reported(alarms: readonly AgentAlarm[]): boolean {
		let hasNews = false;
		for (const alarm of alarms) {
			const entry = this.#entries.get(alarm.kind);
			if (entry?.isOver !== true || entry.alarm !== alarm) continue;
			this.#entries.delete(alarm.kind);
			hasNews = true;
		}
		return hasNews;
	}
}
