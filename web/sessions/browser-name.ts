/** What a browser is, by how it calls itself: enough to tell one's own computer from one's own phone. */

/** The first that fits counts: most of them also call themselves by the names further down. */
const programs: readonly [name: string, sign: RegExp][] = [
	["Edge", /\bEdg(?:e|A|iOS)?\//],
	["Opera", /\bOPR\//],
	["Firefox", /\b(?:Firefox|FxiOS)\//],
	["Chrome", /\b(?:Chrome|CriOS|HeadlessChrome)\//],
	["Safari", /\bVersion\/.*Safari\//],
	["curl", /^curl\//],
];

const systems: readonly [name: string, sign: RegExp][] = [
	["Android", /\bAndroid\b/],
	["iPhone", /\biPhone\b/],
	["iPad", /\biPad\b/],
	["Windows", /\bWindows\b/],
	["macOS", /\bMac OS X\b/],
	["Linux", /\bLinux\b/],
];

export interface BrowserName {
	readonly program: string | undefined;
	readonly system: string | undefined;
}

export function browserName(userAgent: string | null): BrowserName {
	const find = (list: readonly [string, RegExp][]) =>
		list.find(([, sign]) => sign.test(userAgent ?? ""))?.[0];
	return { program: find(programs), system: find(systems) };
}
