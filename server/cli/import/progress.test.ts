import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { showProgress } from "./progress.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function counts(lines: number, refused = 0) {
	return { lines, applied: lines - refused, outdated: 0, refused };
}

describe("showProgress", () => {
	test("writes one line over and over on a terminal, every second", () => {
		const written: string[] = [];
		const progress = showProgress({
			isTTY: true,
			write: (text) => written.push(text),
		});
		progress.show(counts(500));
		progress.show(counts(1_500, 2));
		expect(written).toEqual([]);
		vi.advanceTimersByTime(1_000);
		progress.show(counts(12_000, 2));
		vi.advanceTimersByTime(1_000);
		progress.say("line 7: bad");
		progress.end();
		progress.end();
		vi.advanceTimersByTime(5_000);
		expect(written).toEqual([
			"\r\u001b[K1,500 lines, 1,500/s, 2 refused",
			"\r\u001b[K12,000 lines, 10,500/s, 2 refused",
			"\r\u001b[Kline 7: bad\n",
			"\r\u001b[K",
		]);
	});

	test("writes only what it is told to say where nobody looks", () => {
		const written: string[] = [];
		const progress = showProgress({ write: (text) => written.push(text) });
		progress.show(counts(500));
		vi.advanceTimersByTime(3_000);
		progress.say("line 7: bad");
		progress.end();
		expect(written).toEqual(["line 7: bad\n"]);
	});
});
