import { expect, test } from "vitest";
import { Silence } from "./silence.ts";

test("five minutes without the control plane are an alarm, told once, until it is heard again", () => {
	const at = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 10, minutes));
	let now = at(0);
	const lines: string[] = [];
	const silence = new Silence(
		() => now,
		(line) => lines.push(line),
	);
	silence.look(true);
	now = at(5);
	silence.look(false);
	expect(silence.alarm).toBeNull();
	for (const minutes of [6, 7, 30]) {
		now = at(minutes);
		silence.look(false);
		expect(silence.alarm).toMatchObject({
			kind: "cut_off",
			since: "2026-11-20T10:00:00.000Z",
		});
	}
	silence.look(true);
	expect(silence.alarm).toBeNull();
	expect(lines).toEqual([
		"alarm cut_off: no word from the control plane for five minutes",
		"over: cut_off",
	]);
});
