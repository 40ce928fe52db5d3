import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { GatheringSocket } from "./gathering-socket.ts";

test("what is written within one turn arrives in order and as one", async () => {
	const peer = Promise.withResolvers<Socket>();
	const server = createServer((socket) => peer.resolve(socket));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error();
	const socket = new GatheringSocket();
	socket.connect(address.port, "127.0.0.1");
	await new Promise<void>((resolve) => socket.once("connect", resolve));
	const other = await peer.promise;
	const arrived: string[] = [];
	const done = Promise.withResolvers<void>();
	other.setEncoding("utf8").on("data", (text: string) => {
		arrived.push(text);
		if (text.endsWith("z")) done.resolve();
	});
	let written = 0;
	for (const word of ["a", "b", "c"])
		socket.write(word, () => {
			written += 1;
		});
	// What a continuation writes in the same turn goes along.
	await Promise.resolve();
	socket.write(Buffer.from("d"));
	socket.write("z", "utf8");
	await done.promise;
	expect(arrived).toEqual(["abcdz"]);
	expect(written).toBe(3);
	socket.destroy();
	other.destroy();
	await new Promise((resolve) => server.close(resolve));
});
