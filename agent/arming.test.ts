import { describe, expect, onTestFinished, test } from "vitest";
import { AlarmBoard } from "./alarms.ts";
import { Arming } from "./arming.ts";
import { type Finding, ok, unclear } from "./finding.ts";

const never = 1_000_000;

/** An arming on a machine that a test changes. */
function start(everyMs = never) {
	const now = () => new Date("2026-11-20T10:00:00Z");
	const alarms = new AlarmBoard(now, () => {});
	const machine = {
		findings: [ok("all is well")] as readonly Finding[],
		failure: null as Error | null,
		looks: 0,
		watched: 0,
		change: () => {},
		end: () => {},
	};
	let looked = () => {};
	const lines: string[] = [];
	let changes = 0;
	const arming = new Arming({
		look: async () => {
			machine.looks++;
			queueMicrotask(() => setImmediate(looked));
			if (machine.failure !== null) throw machine.failure;
			return machine.findings;
		},
		watch: (onChange, onEnd) => {
			machine.watched++;
			machine.change = onChange;
			machine.end = onEnd;
			return () => {};
		},
		alarms,
		log: (line) => lines.push(line),
		onChange: () => changes++,
		times: { everyMs, settleMs: 1 },
	});
	const next = () =>
		new Promise<void>((resolve) => {
			looked = resolve;
		});
	const first = next();
	const ended = arming.run();
	onTestFinished(async () => {
		arming.end();
		await ended;
	});
	return { arming, machine, alarms, lines, first, next, told: () => changes };
}

describe("arming", () => {
	test("is armed when nothing is unclear, and not before it was looked", async () => {
		const { arming, first, told } = start();
		expect(arming.isClear).toBe(false);
		await first;
		expect(arming.isClear).toBe(true);
		expect(told()).toBe(1);
	});

	test("disarms when an interface changes for the worse, with an alarm, and arms again", async () => {
		const { arming, machine, alarms, lines, first, next } = start();
		await first;
		machine.findings = [unclear("tap1 is a port of the bridge br0")];
		let looked = next();
		machine.change();
		await looked;
		expect(arming.isClear).toBe(false);
		expect(alarms.standing).toMatchObject([
			{
				kind: "preflight_unclear",
				detail: "tap1 is a port of the bridge br0",
			},
		]);
		machine.findings = [ok("gone")];
		looked = next();
		machine.change();
		await looked;
		expect(arming.isClear).toBe(true);
		expect(alarms.standing).toEqual([]);
		expect(lines).toEqual(["armed", "not armed any more", "armed"]);
	});

	test("looks by the clock too, when nobody says that something changed", async () => {
		const { arming, machine, first, next } = start(5);
		await first;
		machine.findings = [unclear("a flow table")];
		await next();
		await next();
		expect(arming.isClear).toBe(false);
	});

	test("is disarmed when it cannot be looked", async () => {
		const { arming, machine, alarms, first, next } = start();
		await first;
		machine.failure = new Error("no memory");
		const looked = next();
		machine.change();
		await looked;
		expect(arming.isClear).toBe(false);
		expect(alarms.standing[0]?.detail).toBe("no memory");
	});

	test("watches again when what watched has ended", async () => {
		const { machine, first, next } = start(5);
		await first;
		expect(machine.watched).toBe(1);
		machine.end();
		await next();
		await next();
		expect(machine.watched).toBe(2);
	});
});
