/** A listening server with files, for a test file: a client's key, and a storage that a test may break. */
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { faces } from "../server/http/faces.ts";
import type { CustomerActor } from "../server/kernel/actor.ts";
import type { FilePorts, FileStorage } from "../server/outside/outside.ts";
import type { TestDatabase } from "./db.ts";
import { handleFiles, type TestPorts, useFilePorts } from "./file-ports.ts";
import { addKey, buildServer } from "./server.ts";
import { createWorld } from "./world.ts";

export interface FileServer {
	readonly app: FastifyInstance;
	/** Of the server, without a slash at the end. */
	readonly url: string;
	readonly port: number;
	readonly key: string;
	readonly actor: CustomerActor;
	readonly lines: Record<string, unknown>[];
	readonly files: TestPorts;
	/** What a test puts in the place of the storage's own; taken away before each test. */
	storage: Partial<FileStorage>;
}

export function useFileServer(db: TestDatabase): FileServer {
	const files = useFilePorts();
	const ports: FilePorts = {
		...files,
		get storage() {
			return { ...files.storage, ...opened.storage };
		},
	};
	const opened: { -readonly [Key in keyof FileServer]?: FileServer[Key] } = {
		files,
		storage: {},
	};
	let app: FastifyInstance | undefined;

	beforeAll(async () => {
		const world = createWorld(() => db.performer);
		await world.begin();
		const client = await world.addClient("trusted");
		const scopes = ["read:support", "write:support"];
		const server = buildServer(db, faces, {
			files: {
				get receive() {
					return handleFiles(db.performer, ports).receive;
				},
				get open() {
					return handleFiles(db.performer, ports).open;
				},
			},
		});
		app = server.app;
		const url = await app.listen({ host: "127.0.0.1", port: 0 });
		Object.assign(opened, server, {
			url,
			port: Number(new URL(url).port),
			key: await addKey(db, { clientId: client.id }, scopes),
			actor: client.actor,
		});
	});
	afterAll(() => app?.close());
	beforeEach(() => {
		opened.storage = {};
		if (opened.lines) opened.lines.length = 0;
	});

	return new Proxy(Object.create(null), {
		get: (_, property) => Reflect.get(opened, property),
		set: (_, property, value) => Reflect.set(opened, property, value),
	});
}
