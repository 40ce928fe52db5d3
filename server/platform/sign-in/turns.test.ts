import { describe, expect, test } from "vitest";
import { type Asker, createTurns } from "./turns.ts";

const now = new Date("2026-11-20T10:00:00.000Z");

function asker(change: Partial<Asker> = {}): Asker {
	return {
		isKnown: false,
		gone: new AbortController().signal,
		now,
		...change,
	};
}

/** Works that take as long as the test wants, in the order in which they began. */
function createWorks() {
	const begun: string[] = [];
	const ends = new Map<string, () => void>();
	return {
		begun,
		work: (name: string) => () =>
			new Promise<string>((resolve) => {
				begun.push(name);
				ends.set(name, () => resolve(name));
			}),
		end: (name: string) => ends.get(name)?.(),
	};
}

describe("one at a time, with a place to wait in each line", () => {
	function createStage() {
		const works = createWorks();
		const turns = createTurns({ atOnce: 1, waitingMax: 1 });
		const take = (name: string, change?: Partial<Asker>) =>
			turns.take(asker(change), works.work(name));
		return { ...works, take };
	}

	test("who finds the line full is refused, and told when to come again", async () => {
		const { begun, take, end } = createStage();
		const first = take("a");
		const second = take("b");
		await expect(take("c")).rejects.toMatchObject({
			code: "server.unavailable",
			retryAt: new Date("2026-11-20T10:00:02.000Z"),
		});
		end("a");
		expect(await first).toBe("a");
		expect(begun).toEqual(["a", "b"]);
		end("b");
		expect(await second).toBe("b");
	});

	test("who is known has a place when strangers have taken all of theirs, and is the next", async () => {
		const { begun, take, end } = createStage();
		const first = take("a");
		const stranger = take("stranger");
		const known = take("known", { isKnown: true });
		end("a");
		await first;
		expect(begun).toEqual(["a", "known"]);
		end("known");
		await known;
		end("stranger");
		await stranger;
		expect(begun).toEqual(["a", "known", "stranger"]);
	});

	test("who has gone gives the place to another, and nothing is done for them", async () => {
		const { begun, take, end } = createStage();
		const first = take("a");
		const gone = new AbortController();
		const left = take("left", { gone: gone.signal });
		gone.abort();
		await expect(left).rejects.toMatchObject({ code: "server.unavailable" });
		const late = take("late", { gone: gone.signal });
		await expect(late).rejects.toMatchObject({ code: "server.unavailable" });
		const next = take("next");
		end("a");
		await first;
		end("next");
		await next;
		expect(begun).toEqual(["a", "next"]);
	});

	test("a work that fails gives its turn on", async () => {
		const turns = createTurns({ atOnce: 1, waitingMax: 1 });
		const failing = turns.take(asker(), () => Promise.reject(new Error("no")));
		await expect(failing).rejects.toThrow("no");
		expect(await turns.take(asker(), async () => "again")).toBe("again");
	});
});
