/** How staff come in: from what `postern staff invite` prints to being signed in, in a real browser with a real server. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { codeAt, password } from "../enrolled.ts";
import { hasBrowser, useBrowser } from "./browser.ts";
import { joinDatabase } from "./open-database.ts";
import { hasFocus } from "./portal-pages.ts";
import { useProcesses } from "./postern-process.ts";
import { startRealProvider } from "./real-provider.ts";

const processes = useProcesses();
const browser = useBrowser();
let env: { readonly POSTERN_DATA_DIR: string } & Record<string, string>;
/** By a name: passkeys know no addresses. */
let origin: string;

beforeAll(async () => {
	if (!hasBrowser) return;
	const port = await freePort();
	origin = `http://localhost:${port}`;
	const provider = await startRealProvider(origin);
	processes.atEnd(() => provider.close());
	env = {
		POSTERN_DATA_DIR: processes.newDataDir(),
		PORT: String(port),
		POSTERN_PUBLIC_URL: origin,
		POSTERN_STAFF_OIDC_ISSUER: provider.issuer,
		POSTERN_STAFF_OIDC_CLIENT_ID: provider.clientId,
		POSTERN_STAFF_OIDC_CLIENT_SECRET: provider.clientSecret,
		POSTERN_STAFF_OIDC_LABEL: "Work",
	};
	await processes.serve(env, ["--no-demo"]);
});

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const probe = createServer();
		probe.listen(0, "127.0.0.1", () => {
			const address = probe.address();
			const port = typeof address === "object" ? (address?.port ?? 0) : 0;
			probe.close(() => resolve(port));
		});
	});
}

/** What the command prints, with the link in it. */
async function postern(...words: string[]): Promise<string> {
	const { code, stdout, stderr } = await processes.run(words, env);
	expect(code, stderr).toBe(0);
	return stdout;
}

function linkIn(text: string): string {
	return /^http:\S+$/m.exec(text)?.[0] ?? "";
}

async function invite(name: string, ...more: string[]): Promise<string> {
	const words = ["staff", "invite", name, "--role", "admin", ...more];
	return linkIn(await postern(...words));
}

function isSignedIn(page: Page, name: string): Promise<void> {
	return page
		.getByRole("heading", { level: 1, name: `Signed in as ${name}` })
		.waitFor();
}

/** An authenticator in the browser, which says yes to everything; as a device that has just been unlocked. */
async function giveDevice(page: Page): Promise<void> {
	const devtools = await page.context().newCDPSession(page);
	await devtools.send("WebAuthn.enable");
	await devtools.send("WebAuthn.addVirtualAuthenticator", {
		options: {
			protocol: "ctap2",
			transport: "internal",
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
		},
	});
}

/** As if somebody had signed in two hours ago. */
async function growOld(name: string): Promise<void> {
	const database = await joinDatabase(env.POSTERN_DATA_DIR);
	try {
		await database.owner.query(
			`update sessions x set authenticated_at = authenticated_at - interval '2 hours'
			 from staff s where s.id = x.staff_id and s.name = $1`,
			[name],
		);
	} finally {
		await database.close();
	}
}

/** Whether the page would be told so by what it asks for. */
function isAskedAgain(page: Page): Promise<boolean> {
	return page.evaluate<boolean>(`fetch("/api/desk/credentials/authenticator", {
		method: "POST",
		headers: { "x-csrf-token": /postern_csrf_\\d+=([\\w-]+)/.exec(document.cookie)[1] },
	}).then(({ status }) => status === 403)`);
}

async function cookieOf(page: Page): Promise<string | undefined> {
	const cookies = await page.context().cookies();
	return cookies.find(({ name }) => name.startsWith("postern_session"))?.value;
}

async function signOut(page: Page): Promise<void> {
	await page.getByRole("button", { name: "Sign out", exact: true }).click();
	await page
		.getByRole("heading", { level: 1, name: "Sign in to the desk" })
		.waitFor();
}

describe.skipIf(!hasBrowser)("staff", () => {
	test("choose a password and an authenticator, keep their recovery codes, and sign in with both; then add a passkey", async () => {
		const link = await invite("Ada", "--email", "ada@example.com");
		expect(link.startsWith(`${origin}/desk/invite#`)).toBe(true);
		const { page, errors } = await browser.open();
		await page.goto(link);
		await page.getByRole("heading", { name: "Welcome, Ada" }).waitFor();
		expect(page.url()).toBe(`${origin}/desk/invite`);
		await page.getByRole("button", { name: "Choose a password" }).click();
		const secret = (await page.locator(".secret").textContent()) ?? "";
		await page.getByRole("img", { name: /QR code/ }).waitFor();
		await page.getByLabel("New password").fill(password);
		const begun = Date.now();
		await page
			.getByLabel("Code that the app shows")
			.fill(codeAt(secret, new Date(begun)));
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
		expect(await page.locator(".codes .secret").count()).toBe(10);
		const recovery = await page.locator(".codes .secret").first().textContent();
		await page.getByRole("button", { name: "I have kept them" }).click();
		await isSignedIn(page, "Ada");
		await signOut(page);

		const fill = async (code: string) => {
			await page.getByLabel("E-mail address").fill("Ada@example.com");
			await page.getByLabel("Password").fill(password);
			await page.getByLabel("Code").fill(code);
			await page.getByRole("button", { name: "Sign in", exact: true }).click();
		};
		// The same code once more, and then the one of the next half minute, which is taken early.
		await fill(codeAt(secret, new Date(begun)));
		await page.getByRole("alert").getByText("signed nobody in").waitFor();
		await fill(codeAt(secret, new Date(begun + 30_000)));
		await isSignedIn(page, "Ada");

		await giveDevice(page);
		await page.getByLabel("What to call it").fill("Laptop");
		await page.getByRole("button", { name: "Add a passkey" }).click();
		const laptop = page.getByRole("listitem").filter({ hasText: "Laptop" });
		await laptop.getByText("not used yet").waitFor();
		await signOut(page);
		await page.getByRole("button", { name: "Sign in with a passkey" }).click();
		await isSignedIn(page, "Ada");
		await laptop.getByText("last used").waitFor();

		await page.getByRole("button", { name: "Remove the password" }).click();
		await page.getByText("You have none.").waitFor();
		await signOut(page);
		await fill(recovery ?? "");
		await page.getByRole("alert").getByText("signed nobody in").waitFor();
		// What was refused is an error to the browser's console, and nothing else was.
		expect(errors.filter((text) => !text.includes("401"))).toEqual([]);
	});

	test("who signed in a while ago are asked whether it is still them, and go on with what they wanted", async () => {
		const link = await invite("Joan", "--email", "joan@example.com");
		const { page } = await browser.open();
		await page.goto(link);
		await page.getByRole("button", { name: "Choose a password" }).click();
		const secret = (await page.locator(".secret").textContent()) ?? "";
		await page.getByLabel("New password").fill(password);
		const begun = Date.now();
		const code = codeAt(secret, new Date(begun));
		await page.getByLabel("Code that the app shows").fill(code);
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByRole("button", { name: "I have kept them" }).click();
		await isSignedIn(page, "Joan");
		await growOld("Joan");
		const before = await cookieOf(page);
		// Copies of a session are a second old at most: until then it would still be a recent one.
		await vi.waitUntil(() => isAskedAgain(page), { timeout: 15_000 });
		await page.getByRole("button", { name: "New recovery codes" }).click();
		const asks = page.getByRole("heading", { name: "Is it still you?" });
		// It takes the focus, which would take the code with it.
		await expect.poll(() => asks.count()).toBe(1);
		await expect.poll(() => hasFocus(asks)).toBe(true);
		await page.getByLabel("Code").fill(code);
		await page.getByRole("button", { name: "Confirm" }).click();
		await page.getByRole("alert").getByText("signed nobody in").waitFor();
		const next = codeAt(secret, new Date(begun + 30_000));
		await page.getByLabel("Code").fill(next);
		await page.getByRole("button", { name: "Confirm" }).click();
		await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
		expect(await page.locator(".codes .secret").count()).toBe(10);
		expect(await cookieOf(page)).not.toBe(before);
	});

	test("choose a passkey, and are out when the operator resets them", async () => {
		const link = await invite("Grace");
		const { page } = await browser.open();
		await giveDevice(page);
		await page.goto(link);
		await page.getByRole("button", { name: "Make a passkey" }).click();
		await isSignedIn(page, "Grace");
		const said = await postern("staff", "reset", "Grace");
		expect(said).toContain("1 session ended");
		// Another process did it: the server's copy of the session is a second old at most.
		await vi.waitUntil(
			async () => {
				const answer = await page.request.get(`${origin}/api/desk/session`);
				return answer.status() === 401;
			},
			{ timeout: 15_000 },
		);
		await page.reload();
		await page
			.getByRole("heading", { level: 1, name: "Sign in to the desk" })
			.waitFor();
		await page.getByRole("button", { name: "Sign in with a passkey" }).click();
		await page.getByRole("alert").getByText("signed nobody in").waitFor();
		await page.goto(link);
		await page.getByRole("alert").getByText("used before").waitFor();
		await page.goto(linkIn(said));
		await page.getByRole("heading", { name: "Welcome, Grace" }).waitFor();
	});

	test("are linked to a provider by their invitation, and sign in there from then on", async () => {
		const link = await invite("Edith");
		const { page } = await browser.open();
		await page.goto(link);
		await page.getByRole("button", { name: "Sign in with Work" }).click();
		await page.getByLabel("Account").fill("edith-at-work");
		await page.getByRole("button", { name: "Continue" }).click();
		await isSignedIn(page, "Edith");
		await signOut(page);
		// Known there still.
		await page.getByRole("button", { name: "Sign in with Work" }).click();
		await isSignedIn(page, "Edith");

		const stranger = await browser.open();
		await stranger.page.goto(`${origin}/desk/sign-in`);
		await stranger.page
			.getByRole("button", { name: "Sign in with Work" })
			.click();
		await stranger.page.getByLabel("Account").fill("somebody-else");
		await stranger.page.getByRole("button", { name: "Continue" }).click();
		await stranger.page
			.getByRole("heading", { name: "You are not signed in" })
			.waitFor();
	});

	const axe = readFileSync(
		createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
		"utf8",
	);

	test.each([
		{ language: "en", scheme: "light", width: 1200 },
		{ language: "sv", scheme: "dark", width: 360 },
	] as const)(
		"find no fault on their pages that axe finds: $language, $scheme, $width pixels",
		async (visit) => {
			const link = await invite(`Mary ${visit.language}`);
			const { page } = await browser.open({ ...visit, bypassCSP: true });
			await page.addInitScript(axe);
			await giveDevice(page);
			const found: string[] = [];
			const look = async (where: string) => {
				const faults = await page.evaluate<string[]>(
					"axe.run().then(({ violations }) => violations.map(({ id }) => id))",
				);
				found.push(...faults.map((fault) => `${where}: ${fault}`));
				const width = await page.evaluate<number>(
					"document.documentElement.scrollWidth",
				);
				if (width > visit.width) found.push(`${where}: ${width} pixels wide`);
			};
			await page.goto(`${origin}/desk/sign-in`);
			await page
				.getByRole("button", { name: /passkey|nyckel/ })
				.and(page.locator(":enabled"))
				.waitFor();
			await look("sign-in");
			await page.goto(link);
			await page
				.getByRole("button", { name: /Choose a password|Välj ett lösenord/ })
				.click();
			await page.locator(".qr").waitFor();
			await look("invitation");
			await page
				.getByRole("button", { name: /Make a passkey|Skapa en nyckel/ })
				.click();
			await page
				.getByRole("heading", { level: 1, name: /Signed in|Inloggad/ })
				.waitFor();
			await look("account");
			expect(found).toEqual([]);
		},
	);
});
