import { describe, expect, onTestFinished, test, vi } from "vitest";
import { eventOf } from "../../test/agent/feed-faults.ts";
import { FeedServer } from "../../test/agent/feed-server.ts";
import { AlarmBoard } from "../alarms.ts";
import { Follower } from "../follower.ts";
import { Feed } from "./feed.ts";

const one = "192.0.2.1";
const two = "192.0.2.2";

/** A feed that follows a server which has both addresses, with everything that was ever to be enforced. */
async function following() {
	const server = new FeedServer();
	const url = await server.listen();
	server.become([one, two]);
	const alarms = new AlarmBoard(
		() => new Date(),
		() => {},
	);
	const wanted: string[][] = [];
	const follower = new Follower({
		onWant: ({ elements }) => void wanted.push([...elements.texts()]),
		onHold: () => {},
		alarms,
		now: () => new Date(),
		site: null,
		prefixes: null,
	});
	const feed = new Feed({
		server: { url, key: server.key, ca: null, userAgent: "test" },
		follower,
		alarms,
		random: () => 0,
		log: () => {},
		times: { retryFirstMs: 1, retryMaxMs: 5 },
	});
	const running = feed.run();
	onTestFinished(async () => {
		feed.end();
		await running;
		await server.close();
	});
	const stands = (...elements: string[]) =>
		vi.waitFor(() => {
			expect(wanted.at(-1)).toEqual(elements);
			expect(follower.cursor).toEqual(server.position);
		});
	await stands(one, two);
	return { server, wanted, stands };
}

const snapshots = (server: FeedServer) =>
	server.asked.filter((path) => path.endsWith("/snapshot")).length;

describe("what was revoked does not come back", () => {
	test.each([
		[
			"when the stream is reset, as when the networks of the site change",
			(server: FeedServer) => server.send(eventOf("reset", { reason: "gone" })),
		],
		[
			"when the cursor is gone",
			(server: FeedServer) => {
				server.forgetAll();
				server.cut();
			},
		],
	])("%s, and a snapshot of a moment ago is ready", async (_, reset) => {
		const { server, wanted, stands } = await following();
		server.makeReady();
		server.change({ del: [one] });
		await stands(two);
		const before = wanted.length;
		const asked = snapshots(server);
		reset(server);
		await vi.waitFor(
			() => expect(snapshots(server)).toBeGreaterThan(asked),
			15_000,
		);
		await vi.waitFor(() => expect(server.streams).toBe(1), 15_000);
		server.change({ add: ["192.0.2.3"] });
		await stands(two, "192.0.2.3");
		for (const elements of wanted.slice(before))
			expect(elements).not.toContain(one);
	});
});

test("a server that says it is behind is followed back", async () => {
	const { server, stands } = await following();
	server.change({ del: [one] });
	server.change({ add: ["192.0.2.3"] });
	await stands(two, "192.0.2.3");
	server.rewind(1, [one]);
	await stands(one);
	server.change({ add: [two] });
	server.send(eventOf("reset", { reason: "ahead" }));
	await stands(one, two);
});

test("another set at the same revision is taken, though the tag is the same", async () => {
	const { server, stands } = await following();
	server.change({ del: [one] });
	await stands(two);
	server.rewind(0, [one, "192.0.2.3"]);
	await stands(one, "192.0.2.3");
});
