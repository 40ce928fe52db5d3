/**
 * The pages at `/support` and `/desk`: files that were built from `web/`, the same page for every address of theirs, and a word
 * of patience while they are being built. They have no privilege (invariant I8): what they do, they do through the API.
 */
import { randomBytes } from "node:crypto";
import fastifyStatic from "@fastify/static";
import type {
	FastifyInstance,
	FastifyPluginAsync,
	FastifyReply,
} from "fastify";
import { html } from "../html.ts";

/** One for each door; each does what its address says. */
export type PageName = "support" | "desk";

/** The pages as this process has them. */
export interface WebPages {
	/** Where they are built to: `index.html`, `assets/…`, each also as `.br` and `.gz`. */
	readonly folder: string;
	/**
	 * The page of the customers or of the desk (`index.html`, `desk.html`) as it is now; `building` while that is being made;
	 * `missing` when nobody makes it, with what to do.
	 */
	index(
		page?: PageName,
	): Promise<
		| { readonly state: "built"; readonly text: string }
		| { readonly state: "building" }
		| { readonly state: "missing"; readonly advice: string }
	>;
}

const prefix = "/support";

const deskPaths = ["/desk", "/desk/", "/desk/sign-in", "/desk/invite"];

/** A file as the build names it: one name, no way out of the folder. */
const assetName = /^\w[\w.-]*$/;

/** Seconds after which a page that waits for the build looks again. */
const retryS = 2;

export function registerWeb(app: FastifyInstance, pages: WebPages): void {
	const plugin: FastifyPluginAsync = async (web) => {
		web.addHook("onSend", async (_request, reply) => {
			reply.headers(security);
		});
		await web.register(fastifyStatic, {
			root: pages.folder,
			prefix: `${prefix}/`,
			index: false,
			wildcard: false,
			serve: false,
			preCompressed: true,
		});
		// Named after their content: what has this name never changes.
		web.get<{ Params: { name: string } }>(
			`${prefix}/assets/:name`,
			(request, reply) => {
				const { name } = request.params;
				if (!assetName.test(name)) return reply.callNotFound();
				return reply.sendFile(`assets/${name}`, {
					maxAge: "365d",
					immutable: true,
				});
			},
		);
		for (const name of ["scheme.js", "icon.svg"])
			web.get(`${prefix}/${name}`, (_request, reply) =>
				reply.sendFile(name, { maxAge: "1h" }),
			);
		for (const path of [prefix, `${prefix}/*`])
			web.get(path, (_request, reply) => sendPage(reply, pages, "support"));
		for (const path of deskPaths)
			web.get(path, (_request, reply) => sendPage(reply, pages, "desk"));
	};
	app.register(plugin);
}

const security = {
	"referrer-policy": "no-referrer",
	"cross-origin-opener-policy": "same-origin",
	"cross-origin-resource-policy": "same-origin",
	"permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** Scripts, connections and forms are ours alone; the nonce is for the styles that the components write into the page. */
function policy(nonce: string): string {
	return [
		"default-src 'none'",
		"script-src 'self'",
		`style-src 'self' 'nonce-${nonce}'`,
		"img-src 'self' data: blob:",
		"font-src 'self'",
		"connect-src 'self'",
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
	].join("; ");
}

async function sendPage(
	reply: FastifyReply,
	pages: WebPages,
	page: PageName,
): Promise<FastifyReply> {
	const nonce = randomBytes(16).toString("base64");
	reply
		.type("text/html; charset=utf-8")
		.header("content-security-policy", policy(nonce));
	const index = await pages.index(page);
	if (index.state === "built")
		return reply.send(index.text.replaceAll("{{nonce}}", nonce));
	reply.code(503).header("retry-after", String(retryS));
	return reply.send(
		index.state === "building"
			? waitingPage(
					nonce,
					"The pages are being built.",
					"This page looks again by itself in a moment.",
				)
			: waitingPage(nonce, "The pages are not built.", index.advice),
	);
}

function waitingPage(nonce: string, title: string, what: string): string {
	return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${retryS}">
<title>${title}</title>
<style nonce="${nonce}">
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1.25rem; }
</style>
<h1>${title}</h1>
<p role="status">${what} The API answers already.</p>
</html>
`.html;
}
