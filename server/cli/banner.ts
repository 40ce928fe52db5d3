/** What a person reads when the server has started. */
import type { DemoFile } from "../demo/demo-file.ts";

/** The demo, as far as it is shown. */
export interface ShownDemo {
	readonly file: DemoFile;
	readonly path: string;
	/** Undefined where nobody looks at a terminal. */
	readonly links:
		| { readonly customer: string; readonly staff: string }
		| undefined;
}

/**
 * The URL and, for the demo, links to sign in, its clients and a block to paste. It names no key: those stand in the demo
 * file.
 */
export function banner(url: string, demo?: ShownDemo): string {
	const lines = ["", `  Postern answers at ${url}`];
	if (demo !== undefined) lines.push(...demoLines(url, demo));
	return `${lines.join("\n")}\n\n`;
}

const whoTheyAre = {
	trusted: "meets the requirement and is approved at once",
	prepaid: "has a VPS prepaid for a year: accepted, goes to review",
	unverified: "does not meet the requirement",
	other: "an ordinary second client",
	suspended: "account inactive",
} as const satisfies Record<keyof DemoFile["clients"], string>;

function demoLines(url: string, { file, path, links }: ShownDemo): string[] {
	const clients = Object.entries(file.clients).map(([name, { legacyId }]) => {
		const who = Object.entries(whoTheyAre).find(([key]) => key === name)?.[1];
		return `    ${name.padEnd(12)}${String(legacyId).padEnd(8)}${who ?? ""}`;
	});
	return [
		"",
		`  The demo provider is loaded. Its keys stand in ${path}; its clients are`,
		"",
		...clients,
		"",
		...(links === undefined ? [] : linkLines(links)),
		"  Ask for port 25 on one of the servers of trusted:",
		"",
		...exampleRequest(url, path),
	];
}

function linkLines(links: NonNullable<ShownDemo["links"]>): string[] {
	return [
		"  Sign in with a browser, each link once and within ten minutes (`npx postern demo sign-in` prints others):",
		"",
		`    trusted     ${links.customer}`,
		`    staff       ${links.staff}`,
		"",
	];
}

/** The contract's own request, with only the host changed; README.md shows the same. */
export function exampleRequest(url: string, path: string): string[] {
	const script = `require(${JSON.stringify(fromHere(path))}).clients.trusted.key`;
	return [
		`KEY=$(node -p ${quoted(script)})`,
		`curl -X POST "${url}/api/v2/support/port25-requests" \\`,
		'  -H "Authorization: Bearer $KEY" \\',
		'  -H "Accept: application/json" \\',
		'  -H "Content-Type: application/json" \\',
		"  -d '{",
		'    "vpsId": "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",',
		'    "reason": "We send transactional email for example.com from authenticated users with bounce handling and abuse monitoring."',
		"  }'",
	];
}

/** As `require` wants it: absolute, or led by a dot. */
function fromHere(path: string): string {
	return path.startsWith("/") ? path : `./${path}`;
}

/** One word for a shell, whatever is in it: between single quotes only a single quote is special. */
function quoted(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}
