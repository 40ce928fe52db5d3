/** A real provider of OpenID Connect (`oidc-provider`) on loopback, with a sign-in page on which everybody is who they say. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export interface RealProvider {
	readonly issuer: string;
	readonly clientId: string;
	readonly clientSecret: string;
	close(): Promise<void>;
}

/**
 * @param origin of the pages that send people here; the claim `client_number` says what was typed as a number
 */
export async function startRealProvider(origin: string): Promise<RealProvider> {
	const server = createServer();
	await new Promise<void>((resolve) =>
		server.listen(0, "127.0.0.1", () => resolve()),
	);
	const { port } = server.address() as AddressInfo;
	const issuer = `http://127.0.0.1:${port}`;
	const client = { clientId: "postern", clientSecret: "a-secret-of-the-tests" };
	const provider = new Provider(issuer, {
		clients: [
			{
				client_id: client.clientId,
				client_secret: client.clientSecret,
				redirect_uris: ["desk", "support"].map(
					(door) => `${origin}/${door}/sign-in/callback`,
				),
			},
		],
		claims: { openid: ["sub", "client_number"] },
		findAccount: (_, id) => ({
			accountId: id,
			claims: () => ({ sub: id, client_number: id }),
		}),
		features: { devInteractions: { enabled: false } },
		interactions: { url: (_, { uid }) => `/interaction/${uid}` },
		cookies: { keys: ["a key of the tests"] },
		ttl: { Session: 600, Interaction: 600, Grant: 600, IdToken: 600 },
		// Nobody is asked whether Postern may know who they are.
		async loadExistingGrant({ oidc }) {
			const grant = new oidc.provider.Grant({
				clientId: client.clientId,
				...(oidc.session?.accountId !== undefined && {
					accountId: oidc.session.accountId,
				}),
			});
			grant.addOIDCScope("openid");
			await grant.save();
			return grant;
		},
	});
	const answer = provider.callback();
	server.on("request", (request: IncomingMessage, response) => {
		if (request.url?.startsWith("/interaction/") !== true) {
			void answer(request, response);
			return;
		}
		if (request.method === "POST") {
			void textOf(request).then((form) =>
				provider.interactionFinished(request, response, {
					login: { accountId: new URLSearchParams(form).get("account") ?? "" },
				}),
			);
			return;
		}
		response.writeHead(200, { "content-type": "text/html" });
		response.end(
			`<!doctype html><title>Provider</title><form method="post"><label>Account <input name="account"></label><button>Continue</button></form>`,
		);
	});
	return {
		issuer,
		...client,
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = "";
	for await (const part of request.setEncoding("utf8")) text += String(part);
	return text;
}
