/** How customers sign in at a provider of OpenID Connect. */
import Type from "typebox";
import { refuse } from "../../kernel/errors.ts";
import { openRoute } from "../open-route.ts";
import { returnPaths } from "../return-paths.ts";

const words = { tag: "Signing in", isExtension: true } as const;

export const getProvider = openRoute({
	...words,
	method: "GET",
	path: "/api/v2/sign-in/provider",
	name: "getSignInProvider",
	summary: "Is there a provider to sign in at?",
	answer: {
		status: 200,
		description: "What it is called.",
		schema: Type.Object({
			provider: Type.Union([Type.String(), Type.Null()]),
		}),
	},
	refusals: ["sign_in.insecure"],
	async handle({ oidc }) {
		return { provider: oidc.nameFor("customer") ?? null };
	},
});

export const postProvider = openRoute({
	...words,
	method: "POST",
	path: "/api/v2/sign-in/provider",
	name: "signInAtProvider",
	summary: "Go to the provider of OpenID Connect",
	description:
		"Sets a cookie for ten minutes: only the browser that has it can finish.",
	answer: {
		status: 200,
		description: "Where the browser goes.",
		schema: Type.Object({ url: Type.String() }),
	},
	refusals: [
		"sign_in.insecure",
		"sign_in.not_offered",
		"sign_in.provider_away",
	],
	async handle({ visit, oidc }) {
		const { place } = visit;
		if (place.kind === "plain") return refuse("sign_in.insecure");
		const { url, flow } = await oidc.begin({
			audience: "customer",
			returnUri: `${place.origin}${returnPaths.customer}`,
			isAgain: false,
			invite: null,
		});
		visit.keepFlow(flow);
		return { url };
	},
});
