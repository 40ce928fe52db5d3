/** Rows of signing in as staff, and of what is behind an invitation. */
import { expect } from "vitest";
import {
	addWithPasskey,
	addWithPassword,
	codeAt,
	fromHere,
	invite,
	password,
	site,
} from "../enrolled.ts";
import { createTestPasskey } from "../passkey.ts";
import { type Scenario, type Scene, type Sent, scenario } from "../scenario.ts";

const stranger = { as: "nobody", events: [] } as const;
const headers = fromHere;
const invited = (_: unknown, body: object): Sent => ({ body, headers });

/** Asks for a challenge, and gives it with its flow. */
async function challenge(
	scene: Scene,
	route: "POST /api/desk/sign-in/passkey/challenge",
): Promise<{ flow: string; challenge: string }>;
async function challenge(
	scene: Scene,
	route: "POST /api/desk/invites/passkey/challenge",
	body: object,
): Promise<{ flow: string; challenge: string }>;
async function challenge(
	scene: Scene,
	route:
		| "POST /api/desk/sign-in/passkey/challenge"
		| "POST /api/desk/invites/passkey/challenge",
	body: object = {},
) {
	const answer = await scene.call(route, {
		body,
		headers: { ...headers, authorization: null },
	});
	const { flow, options } = answer.body as {
		flow: string;
		options: { challenge: string };
	};
	return { flow, challenge: options.challenge };
}

const signInRows: readonly Scenario[] = [
	scenario({
		...stranger,
		name: "says which ways are offered",
		route: "GET /api/desk/sign-in",
		cell: "happy",
		status: 200,
		body: { passkey: true, provider: "Work" },
	}),
	scenario({
		...stranger,
		name: "names a query parameter that it does not know",
		route: "GET /api/desk/sign-in",
		cell: "bad input",
		send: { query: "as=ada" },
		status: 400,
		code: "invalid_request",
		pointers: ["?as"],
	}),
	scenario({
		name: "signs in with a password and a code",
		route: "POST /api/desk/sign-in/password",
		cell: "happy",
		as: "nobody",
		given: ({ db }) => addWithPassword(db),
		send: ({ email, secret }, { db }) =>
			invited(0, {
				email: email.toUpperCase(),
				password,
				code: codeAt(secret, db.now),
			}),
		status: 200,
		body: {},
		headers: {
			"set-cookie": [
				expect.stringMatching(
					/^__Host-postern_session=[\w-]{43}; Path=\/; Max-Age=43200; SameSite=Lax; Secure; HttpOnly$/,
				),
				expect.stringMatching(/^__Host-postern_csrf=/),
				expect.stringMatching(/^__Host-postern_known=.*; HttpOnly$/),
			],
		},
		events: ["session.begun"],
	}),
	scenario({
		name: "signs in with a recovery code, however it is typed",
		route: "POST /api/desk/sign-in/password",
		as: "nobody",
		given: ({ db }) => addWithPassword(db),
		send: ({ email, recoveryCodes: [code = ""] }) =>
			invited(0, {
				email,
				password,
				code: code.toUpperCase().replaceAll("-", " "),
			}),
		status: 200,
		body: {},
		events: ["staff.recovery_code_used", "session.begun"],
	}),
	scenario({
		...stranger,
		name: "names what is missing",
		route: "POST /api/desk/sign-in/password",
		cell: "bad input",
		send: invited(0, { email: "ada@example.com", code: "000000" }),
		status: 400,
		code: "invalid_request",
		pointers: ["/password"],
	}),
	scenario({
		...stranger,
		name: "takes nothing from a page elsewhere",
		route: "POST /api/desk/sign-in/password",
		send: {
			body: { email: "ada@example.com", password, code: "000000" },
			headers: { "sec-fetch-site": "cross-site" },
		},
		status: 403,
		code: "cross_site_request",
	}),
	scenario({
		...stranger,
		name: "asks for a passkey that the device has verified its user for",
		route: "POST /api/desk/sign-in/passkey/challenge",
		cell: "happy",
		send: { headers },
		status: 200,
		body: {
			flow: expect.stringMatching(/^[\w-]{43}$/),
			options: {
				rpId: site.rpId,
				challenge: expect.any(String),
				timeout: expect.any(Number),
				userVerification: "required",
			},
		},
	}),
	scenario({
		...stranger,
		name: "takes no name: whose passkey it is, the passkey says",
		route: "POST /api/desk/sign-in/passkey/challenge",
		cell: "bad input",
		send: invited(0, { email: "ada@example.com" }),
		status: 400,
		code: "invalid_request",
		pointers: ["/email"],
	}),
	scenario({
		name: "signs in whose passkey it is",
		route: "POST /api/desk/sign-in/passkey",
		cell: "happy",
		as: "nobody",
		given: async (scene) => ({
			...(await addWithPasskey(scene.db)),
			...(await challenge(scene, "POST /api/desk/sign-in/passkey/challenge")),
		}),
		send: ({ passkey, flow, challenge: asked }) =>
			invited(0, { flow, passkey: passkey.get(asked) }),
		status: 200,
		body: {},
		events: ["session.begun"],
	}),
	scenario({
		...stranger,
		name: "names a field of a passkey that is none",
		route: "POST /api/desk/sign-in/passkey",
		cell: "bad input",
		send: invited(0, {
			flow: "x",
			passkey: {
				id: "x",
				response: {
					clientDataJSON: "{}",
					authenticatorData: "x",
					signature: "x",
				},
			},
		}),
		status: 400,
		code: "invalid_request",
		pointers: ["/passkey/response/clientDataJSON"],
	}),
	scenario({
		...stranger,
		name: "sends the browser to the provider, and gives it what it has to bring back",
		route: "POST /api/desk/sign-in/provider",
		cell: "happy",
		send: { headers },
		status: 200,
		body: (_, { provider }) => ({
			url: expect.stringContaining(`${provider.issuer}/authorize?`),
		}),
		headers: {
			"set-cookie": expect.stringMatching(
				/^__Host-postern_flow=[\w-]{43}; Path=\/; Max-Age=600; SameSite=Lax; Secure; HttpOnly$/,
			),
		},
	}),
	scenario({
		...stranger,
		name: "takes no address to come back to",
		route: "POST /api/desk/sign-in/provider",
		cell: "bad input",
		send: invited(0, { returnTo: "https://evil.example" }),
		status: 400,
		code: "invalid_request",
		pointers: ["/returnTo"],
	}),
	scenario({
		...stranger,
		name: "says where customers sign in",
		route: "GET /api/v2/sign-in/provider",
		cell: "happy",
		status: 200,
		body: { provider: "Work" },
	}),
	scenario({
		...stranger,
		name: "names a query parameter that it does not know",
		route: "GET /api/v2/sign-in/provider",
		cell: "bad input",
		send: { query: "as=ada" },
		status: 400,
		code: "invalid_request",
		pointers: ["?as"],
	}),
	scenario({
		...stranger,
		name: "sends the browser to the provider, and gives it what it has to bring back",
		route: "POST /api/v2/sign-in/provider",
		cell: "happy",
		send: { headers },
		status: 200,
		body: (_, { provider }) => ({
			url: expect.stringContaining(`${provider.issuer}/authorize?`),
		}),
		headers: {
			"set-cookie": expect.stringMatching(
				/^__Host-postern_flow=[\w-]{43}; Path=\/; Max-Age=600; SameSite=Lax; Secure; HttpOnly$/,
			),
		},
	}),
	scenario({
		...stranger,
		name: "takes no address to come back to",
		route: "POST /api/v2/sign-in/provider",
		cell: "bad input",
		send: invited(0, { returnTo: "https://evil.example" }),
		status: 400,
		code: "invalid_request",
		pointers: ["/returnTo"],
	}),
];

const over = "A".repeat(43);

const inviteRows: readonly Scenario[] = [
	scenario({
		...stranger,
		name: "says whom the invitation is for, as often as it is asked",
		route: "POST /api/desk/invites/show",
		cell: "happy",
		given: ({ db }) => invite(db),
		send: ({ token }) => invited(0, { invite: token }),
		status: 200,
		body: ({ staff, expiresAt }) => ({
			name: staff.name,
			email: staff.email,
			role: "reviewer",
			expiresAt: expiresAt.toISOString(),
			passkey: true,
			provider: "Work",
		}),
	}),
	scenario({
		...stranger,
		name: "says of a token that never was only that it is over",
		route: "POST /api/desk/invites/show",
		send: invited(0, { invite: over }),
		status: 410,
		code: "invite_over",
	}),
	scenario({
		...stranger,
		name: "names what is missing",
		route: "POST /api/desk/invites/show",
		cell: "bad input",
		send: { headers },
		status: 400,
		code: "invalid_request",
		pointers: ["/invite"],
	}),
	scenario({
		...stranger,
		name: "asks for a passkey for the person who was invited",
		route: "POST /api/desk/invites/passkey/challenge",
		cell: "happy",
		given: ({ db }) => invite(db),
		send: ({ token }) => invited(0, { invite: token }),
		status: 200,
		bodyHas: ({ staff }) => ({
			options: {
				rp: { id: site.rpId },
				user: {
					id: Buffer.from(staff.id).toString("base64url"),
					displayName: staff.name,
				},
				attestation: "none",
				authenticatorSelection: {
					residentKey: "required",
					userVerification: "required",
				},
			},
		}),
	}),
	scenario({
		...stranger,
		name: "names what is missing",
		route: "POST /api/desk/invites/passkey/challenge",
		cell: "bad input",
		send: { headers },
		status: 400,
		code: "invalid_request",
		pointers: ["/invite"],
	}),
	scenario({
		name: "accepts with a passkey, and signs in",
		route: "POST /api/desk/invites/passkey",
		cell: "happy",
		as: "nobody",
		given: async (scene) => {
			const { token } = await invite(scene.db);
			const route = "POST /api/desk/invites/passkey/challenge";
			return {
				token,
				...(await challenge(scene, route, { invite: token })),
			};
		},
		send: ({ token, flow, challenge: asked }) =>
			invited(0, {
				invite: token,
				flow,
				name: "Telephone",
				passkey: createTestPasskey(site).create(asked),
			}),
		status: 200,
		body: {},
		events: ["staff.credential_added", "session.begun"],
	}),
	scenario({
		...stranger,
		name: "wants a name by which its owner knows it again",
		route: "POST /api/desk/invites/passkey",
		cell: "bad input",
		given: ({ db }) => invite(db),
		send: ({ token }) =>
			invited(0, {
				invite: token,
				flow: over,
				name: " ",
				passkey: createTestPasskey(site).create("x"),
			}),
		status: 400,
		code: "invalid_request",
		pointers: ["/name"],
	}),
	scenario({
		...stranger,
		name: "sets up an authenticator",
		route: "POST /api/desk/invites/authenticator",
		cell: "happy",
		given: ({ db }) => invite(db),
		send: ({ token }) => invited(0, { invite: token }),
		status: 200,
		body: {
			flow: expect.stringMatching(/^[\w-]{43}$/),
			secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
			uri: expect.stringMatching(/^otpauth:\/\/totp\/Postern:ada/),
		},
	}),
	scenario({
		...stranger,
		name: "names what is missing",
		route: "POST /api/desk/invites/authenticator",
		cell: "bad input",
		send: { headers },
		status: 400,
		code: "invalid_request",
		pointers: ["/invite"],
	}),
	scenario({
		name: "accepts with a password and the first code, shows recovery codes, and signs in",
		route: "POST /api/desk/invites/password",
		cell: "happy",
		as: "nobody",
		given: async (scene) => {
			const { token } = await invite(scene.db, null);
			return { token, ...(await authenticator(scene, token)) };
		},
		send: ({ token, flow, secret }, { db }) =>
			invited(0, {
				invite: token,
				email: "zelda@desk.example.org",
				password,
				flow,
				code: codeAt(secret, db.now),
			}),
		status: 200,
		body: {
			recoveryCodes: Array.from({ length: 10 }, () =>
				expect.stringMatching(/^([0-9a-z]{4}-){3}[0-9a-z]{4}$/),
			),
		},
		events: [
			"staff.email_set",
			"staff.credential_added",
			"staff.credential_added",
			"session.begun",
		],
	}),
	scenario({
		...stranger,
		name: "refuses a password that is too short, and uses nothing up",
		route: "POST /api/desk/invites/password",
		cell: "bad input",
		given: ({ db }) => invite(db),
		send: ({ token }) =>
			invited(0, {
				invite: token,
				password: "short",
				flow: over,
				code: "000000",
			}),
		status: 400,
		code: "invalid_request",
		pointers: ["/password"],
	}),
	scenario({
		...stranger,
		name: "refuses a wrong code, and uses nothing up",
		route: "POST /api/desk/invites/password",
		given: async (scene) => {
			const { token } = await invite(scene.db);
			return { token, ...(await authenticator(scene, token)) };
		},
		send: ({ token, flow, secret }, { db }) =>
			invited(0, {
				invite: token,
				password,
				flow,
				code: codeAt(secret, new Date(db.now.getTime() + 3_600_000)),
			}),
		status: 400,
		code: "invalid_request",
		pointers: ["/code"],
	}),
];

async function authenticator(
	scene: Scene,
	token: string,
): Promise<{ flow: string; secret: string }> {
	const answer = await scene.call("POST /api/desk/invites/authenticator", {
		body: { invite: token },
		headers: { ...headers, authorization: null },
	});
	return answer.body as { flow: string; secret: string };
}

export const deskSignInRows: readonly Scenario[] = [
	...signInRows,
	...inviteRows,
];
