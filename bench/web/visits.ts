/** What is measured on the pages, in a real browser: each time from what a person does until what came of it is painted. */
import type { Browser, Page } from "playwright-core";

export interface Visits {
	/** From pressing the button until the servers stand there, in a browser that has seen nothing. */
	readonly signInMs: number;
	/** From the click on “Tickets” until the first of them stands there. */
	readonly openMs: number;
	/** From the choice of a state or a department until its tickets stand there, each for the first time. */
	readonly filterMs: readonly number[];
	/** From the last letter until tickets with the words stand there; the page waits 120 ms for another letter. */
	readonly searchMs: readonly number[];
	/** From reaching the end of what was read until there is more. */
	readonly pageMs: readonly number[];
	/** The longest time without a picture while the wheel turns, by a thousand pixels. */
	readonly frameMs: readonly number[];
	/** Rows read, and elements of the document then. */
	readonly rows: number;
	readonly elements: number;
	readonly heapMib: number;
}

/** Runs in the page: does something, and gives the time until it is true and painted. */
const timing = `window.timed = async (act, isDone) => {
	const from = performance.now();
	act();
	while (!isDone()) {
		if (performance.now() - from > 20000) throw new Error("it never came");
		await new Promise(requestAnimationFrame);
	}
	await new Promise(requestAnimationFrame);
	return performance.now() - from;
};
window.choose = (label, value) => {
	const field = document.querySelector('[aria-label="' + label + '"]');
	const proto = field instanceof HTMLSelectElement ? HTMLSelectElement : HTMLInputElement;
	Object.getOwnPropertyDescriptor(proto.prototype, "value").set.call(field, value);
	field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
};
window.list = () => document.querySelector(".virtual");
// Each filter has a list of its own: another one is there, and it shows what was asked for, not what was there before.
window.isShown = () => list() !== before && list()?.children.length > 0 && document.querySelector('[aria-busy="true"]') === null;
window.height = () => document.documentElement.scrollHeight;`;

const states = [
	"open",
	"answered",
	"customer_reply",
	"in_progress",
	"on_hold",
	"closed",
];
const departments = ["vps", "billing", "domain-names", "general-web-hosting"];
/** The client writes Swedish; these are words of its texts (bench/ticket-texts.ts). */
const words = ["faktura", "omvänd DNS", "e-post", "fel 503"];

export async function visit(
	browser: Browser,
	{
		url,
		key,
		pages,
	}: {
		readonly url: string;
		readonly key: string;
		/** How many pages of the list to read. */
		readonly pages: number;
	},
): Promise<Visits> {
	const page = await browser.newPage({
		viewport: { width: 1280, height: 850 },
		bypassCSP: true,
		locale: "en",
	});
	await page.addInitScript(timing);
	await page.goto(`${url}/support`);
	await page.getByLabel("API key").fill(key);
	const signInMs = await page.evaluate<number>(
		'timed(() => document.querySelector("button[type=submit]").click(), () => document.querySelector(".rows") !== null)',
	);
	const openMs = await page.evaluate<number>(
		'timed(() => document.querySelector("nav a[href$=tickets]").click(), () => list()?.children.length > 0)',
	);
	const filterMs = await filters(page);
	const searchMs: number[] = [];
	for (const text of words) searchMs.push(await search(page, text));
	await page.evaluate(choice("Search in your tickets", ""));
	const { pageMs, frameMs } = await scroll(page, pages);
	const rows = await page.evaluate<number>(
		"Math.round(list().offsetHeight / list().children[0].offsetHeight)",
	);
	const elements = await page.evaluate<number>(
		'document.querySelectorAll("*").length',
	);
	const heap = await page.evaluate<number>("performance.memory.usedJSHeapSize");
	await page.close();
	return {
		...{ signInMs, openMs, filterMs, searchMs, pageMs, frameMs },
		...{ rows, elements, heapMib: heap / 2 ** 20 },
	};
}

function choice(label: string, value: string): string {
	return `window.before = list(), timed(() => choose(${JSON.stringify(label)}, ${JSON.stringify(value)}), isShown)`;
}

async function filters(page: Page): Promise<number[]> {
	const taken: number[] = [];
	const choose = async (label: string, value: string) =>
		taken.push(await page.evaluate<number>(choice(label, value)));
	for (const state of states) await choose("Status", state);
	for (const department of departments) await choose("Department", department);
	await choose("Status", "");
	// This one was read when the list was opened.
	await page.evaluate(choice("Department", ""));
	return taken;
}

async function search(page: Page, text: string): Promise<number> {
	return page.evaluate<number>(choice("Search in your tickets", text));
}

/** To the end of what was read, again and again; then back up by the wheel. */
async function scroll(
	page: Page,
	pages: number,
): Promise<{ pageMs: number[]; frameMs: number[] }> {
	const pageMs: number[] = [];
	for (let i = 0; i < pages; i += 1)
		pageMs.push(
			await page.evaluate<number>(
				"(() => { const before = height(); return timed(() => scrollTo(0, before), () => height() > before); })()",
			),
		);
	const frameMs = await page.evaluate<number[]>(`(async () => {
		const longest = [];
		for (let i = 0; i < 100; i += 1) {
			let worst = 0;
			for (let step = 0; step < 10; step += 1) {
				const from = performance.now();
				scrollBy(0, -100);
				await new Promise(requestAnimationFrame);
				worst = Math.max(worst, performance.now() - from);
			}
			longest.push(worst);
		}
		return longest;
	})()`);
	return { pageMs, frameMs };
}
