/** What the faces answer: to a request that is injected, and of a live stream over a real connection. */
import type { FastifyInstance, InjectOptions } from "fastify";
import { pathOf } from "../server/http/face.ts";
import { faces } from "../server/http/faces.ts";
import { readEvents } from "./event-reader.ts";

/** The answer to a request, as it went out. */
export interface Answer {
	readonly status: number;
	readonly headers: Readonly<
		Record<string, string | string[] | number | undefined>
	>;
	readonly text: string;
	/** The body read as JSON; the empty string when there is none; of a stream the events that it began with. */
	readonly body: unknown;
}

export async function inject(
	app: FastifyInstance,
	options: InjectOptions,
): Promise<Answer> {
	if (options.method === "GET" && isLive(String(options.url)))
		return injectLive(app, options);
	const response = await app.inject(options);
	const text = response.body;
	const isJson = /json/.test(String(response.headers["content-type"]));
	return {
		status: response.statusCode,
		headers: response.headers,
		text,
		body: isJson && text !== "" ? JSON.parse(text) : text,
	};
}

const livePaths = faces
	.flatMap((face) => face.routes)
	.filter(({ kind }) => kind === "live")
	.map(({ path }) => new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`));

function isLive(url: string): boolean {
	return livePaths.some((path) => path.test(pathOf(url)));
}

/** A stream is read over a real connection until it has told where it begins, or, of one that is gone on from, an event. */
async function injectLive(
	app: FastifyInstance,
	{ url, headers }: InjectOptions,
): Promise<Answer> {
	if (!app.server.listening) await app.listen({ host: "127.0.0.1", port: 0 });
	const address = app.server.address();
	const port = typeof address === "object" ? address?.port : undefined;
	const given = Object.entries(headers ?? {}).map(([name, value]) => [
		name,
		String(value),
	]);
	const reader = await readEvents(
		`http://127.0.0.1:${port}${String(url)}`,
		Object.fromEntries(given),
	);
	const { status, body, events } = reader;
	if (status === 200)
		await reader.until(({ lastEventId }) =>
			headers !== undefined && "last-event-id" in headers
				? events.length > 0
				: lastEventId() !== "",
		);
	reader.close();
	return {
		status,
		headers: reader.headers,
		text: reader.text(),
		body: status === 200 ? [...events] : body,
	};
}
