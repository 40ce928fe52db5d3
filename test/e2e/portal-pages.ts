/** The pages at /support for a test file: a server with the demo, people who sign in, and what staff do meanwhile. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Locator, Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import type { DemoFile } from "../../server/demo/demo-file.ts";
import { hasBrowser, useBrowser, type Visit } from "./browser.ts";
import {
	type Environment,
	type Processes,
	readDemo,
	type Server,
	useProcesses,
} from "./postern-process.ts";

export type Who = "trusted" | "prepaid" | "unverified" | "other" | "suspended";

export interface Portal {
	readonly processes: Processes;
	server(): Server;
	demo(): DemoFile;
	/** A page on which somebody has signed in. */
	open(
		who: Who,
		visit?: Visit,
	): Promise<{ readonly page: Page; readonly errors: string[] }>;
	/** A page before that. */
	openSignIn(
		visit?: Visit,
	): Promise<{ readonly page: Page; readonly errors: string[] }>;
	signIn(page: Page, key: string): Promise<void>;
	keyOf(who: Who): string;
	/** Goes to another page as a click on a link does. */
	go(page: Page, path: string): Promise<void>;
	/** What a customer's program does, by the API. */
	asCustomer(who: Who, path: string, body?: object): Promise<unknown>;
	/** What staff do, by the API of the desk; `null` is a POST without a body. */
	asStaff(path: string, body?: object | null): Promise<unknown>;
}

/** For a whole test file. */
export function usePortal(env: Environment = {}): Portal {
	const processes = useProcesses();
	const browser = useBrowser();
	let server: Server;
	let demo: DemoFile;

	beforeAll(async () => {
		if (!hasBrowser) return;
		server = await processes.serve({
			POSTERN_DATA_DIR: processes.newDataDir(),
			POSTERN_RATE_KEY_PER_MINUTE: "100000",
			POSTERN_RATE_CLIENT_PER_MINUTE: "100000",
			POSTERN_RATE_TICKETS_PER_MINUTE: "1000",
			POSTERN_RATE_REPLIES_PER_MINUTE: "1000",
			...env,
		});
		demo = await readDemo(server.dataDir);
	});

	async function signIn(page: Page, key: string): Promise<void> {
		await page.getByLabel(/API[ -]?(key|nyckel)/).fill(key);
		// What happens from here on the page hears of.
		await answered(page, /\/api\/v2\/events$/, () =>
			page.getByRole("button", { name: /Sign in|Logga in/ }).click(),
		);
		await page.getByRole("button", { name: /Sign out|Logga ut/ }).waitFor();
	}
	function keyOf(who: Who): string {
		const { key } = demo.clients[who] ?? {};
		if (key === undefined) throw new Error(`the demo has no ${who}`);
		return key;
	}
	async function openSignIn(visit: Visit = {}) {
		const opened = await browser.open(visit);
		await opened.page.goto(`${server.url}/support`);
		return opened;
	}
	return {
		processes,
		server: () => server,
		demo: () => demo,
		signIn,
		keyOf,
		openSignIn,
		async open(who, visit) {
			const opened = await openSignIn(visit);
			await signIn(opened.page, keyOf(who));
			return opened;
		},
		async go(page, path) {
			// The key lives in the memory of the page: it must not be loaded anew.
			const to = JSON.stringify(`/support${path}`);
			await page.evaluate(
				`history.pushState(null, "", ${to}), dispatchEvent(new PopStateEvent("popstate"))`,
			);
		},
		asCustomer: (who, path, body) =>
			ask(`${server.url}/api/v2/${path}`, keyOf(who), body),
		asStaff: (path, body) =>
			ask(`${server.url}/api/desk/${path}`, demo.staffKey, body),
	};
}

async function ask(
	url: string,
	key: string,
	body?: object | null,
): Promise<unknown> {
	const answer = await fetch(url, {
		method: body === undefined ? "GET" : "POST",
		headers: {
			authorization: `Bearer ${key}`,
			...(body && { "content-type": "application/json" }),
		},
		...(body && { body: JSON.stringify(body) }),
	});
	const text = await answer.text();
	expect(answer.ok, text).toBe(true);
	return JSON.parse(text);
}

/** Does something on the page, and waits until the API has answered what that asks; gives the status. */
export async function answered(
	page: Page,
	url: RegExp,
	act: () => Promise<void>,
): Promise<number> {
	const [answer] = await Promise.all([page.waitForResponse(url), act()]);
	return answer.status();
}

/** Whether it is what the keyboard speaks to. */
export function hasFocus(where: Locator): Promise<boolean> {
	return where.evaluate(
		(it: { ownerDocument: { activeElement: unknown } }) =>
			it === it.ownerDocument.activeElement,
	);
}

const axe = readFileSync(
	createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
	"utf8",
);

/** Lets axe into every page of this window; the window must have been opened with `bypassCSP`. */
export async function bringAxe(page: Page): Promise<void> {
	await page.addInitScript(axe);
}

/** What axe finds wrong on the page as it is now, and whether it is wider than the window. */
export async function faultsOn(page: Page): Promise<string[]> {
	const faults = await page.evaluate<string[]>(
		"axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0]?.html))",
	);
	const width = await page.evaluate<number>(
		"document.documentElement.scrollWidth",
	);
	const window = page.viewportSize()?.width ?? 0;
	return width > window ? [...faults, `${width} pixels wide`] : faults;
}
