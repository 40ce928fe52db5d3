/** Agents that a server has asked to wait do wait, and not for longer than the edge can afford. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { BackOff } from "./back-off.ts";
import { call } from "./request.ts";

const least = () =>
	new BackOff({ firstMs: 1_000, maxMs: 4_000, random: () => 0 });
const most = () =>
	new BackOff({ firstMs: 1_000, maxMs: 4_000, random: () => 1 });

test("doubles the random while up to a limit, and begins anew when it worked", () => {
	const backOff = most();
	const waits = [1, 2, 3, 4].map(() => backOff.next());
	expect(waits).toEqual([1_000, 2_000, 4_000, 4_000]);
	backOff.reset();
	expect(backOff.next()).toBe(1_000);
});

test.each([
	[0, 0],
	[7_000, 7_000],
	[999_999, 120_000],
	[-5_000, 0],
])("asked to wait %d ms, waits at least %d ms", (asked, wait) => {
	expect(least().next(asked)).toBe(wait);
	expect(most().next(asked)).toBe(wait + 1_000);
});

test.each([
	["7", 7_000],
	["-7", 0],
	["soon", 0],
	["Infinity", 0],
	["Fri, 20 Nov 2026 10:00:00 GMT", 0],
	[undefined, 0],
])("a 503 with Retry-After %s asks for %d ms", async (retryAfter, waitMs) => {
	const server = createServer((_, answer) => {
		if (retryAfter !== undefined) answer.setHeader("retry-after", retryAfter);
		answer.writeHead(503).end();
	});
	onTestFinished(() => void server.close());
	await new Promise<void>((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve()),
	);
	const { port } = server.address() as AddressInfo;
	await expect(
		call(
			{
				url: new URL(`http://127.0.0.1:${port}`),
				key: "pst_edge_test_not_a_key",
				userAgent: "test",
				ca: null,
			},
			{
				method: "GET",
				path: "snapshot",
				headers: {},
				timeoutMs: 5_000,
				signal: new AbortController().signal,
			},
		),
	).rejects.toMatchObject({ name: "Unreachable", waitMs });
});
