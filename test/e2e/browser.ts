/** A real browser for a test file: Debian's Chromium, driven by Playwright. The file says so when there is none. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
	(path) => existsSync(path),
);

export const hasBrowser = executablePath !== undefined;
if (!hasBrowser)
	process.stdout.write(
		"The pages are not tried in a browser: there is no /usr/bin/chromium (Debian's package chromium)\n",
	);

/** It reaches for nothing but what the test shows it. */
const quiet = [
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
	// As root it cannot have a sandbox of its own; it is shown our own pages only.
	...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
];

export interface Visit {
	readonly language?: "en" | "sv";
	readonly scheme?: "light" | "dark";
	readonly width?: number;
	/** Lets scripts of the test into the page, which our own policy would not. */
	readonly bypassCSP?: boolean;
}

/** Opens pages, each in a browser profile of its own; errors of a page are collected with it. */
export function useBrowser(): {
	open(visit?: Visit): Promise<{ page: Page; errors: string[] }>;
} {
	let browser: Browser | undefined;
	beforeAll(async () => {
		if (executablePath !== undefined)
			browser = await chromium.launch({ executablePath, args: quiet });
	});
	const pages: Page[] = [];
	// A key may have five streams open: a page that is left open would keep one.
	afterEach(async () => {
		await Promise.all(pages.splice(0).map((page) => page.close()));
	});
	afterAll(() => browser?.close());
	return {
		async open({
			language = "en",
			scheme = "light",
			width = 1200,
			bypassCSP = false,
		} = {}) {
			if (browser === undefined) throw new Error("there is no browser");
			const context = await browser.newContext({
				viewport: { width, height: 850 },
				locale: language,
				colorScheme: scheme,
				bypassCSP,
			});
			const page = await context.newPage();
			pages.push(page);
			page.setDefaultTimeout(10_000);
			const errors: string[] = [];
			page.on("pageerror", (error) => errors.push(error.message));
			page.on("console", (message) => {
				if (message.type() === "error") errors.push(message.text());
			});
			return { page, errors };
		},
	};
}
