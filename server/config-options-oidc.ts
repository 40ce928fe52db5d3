/** The options about providers of OpenID Connect; see `config-options.ts`. */
import {
	claimName,
	issuer,
	label,
	type Option,
	oidcScope,
	oneOf,
	printable,
	secretWord,
} from "./config-values.ts";

export const staffOidcOptions = {
	issuer: {
		name: "POSTERN_STAFF_OIDC_ISSUER",
		kind: issuer,
		fallback: undefined,
		otherwise: "staff do not sign in by OpenID Connect",
		doc: "The provider of OpenID Connect at which staff sign in, as it names itself. Its redirect URI is `<POSTERN_PUBLIC_URL>/desk/sign-in/callback`.",
	},
	clientId: {
		name: "POSTERN_STAFF_OIDC_CLIENT_ID",
		kind: printable,
		fallback: undefined,
		otherwise: "none; needed with an issuer",
		doc: "What this installation is called there.",
	},
	clientSecret: {
		name: "POSTERN_STAFF_OIDC_CLIENT_SECRET",
		kind: secretWord,
		fallback: undefined,
		otherwise: "none; needed with an issuer",
		secret: true,
		doc: "The secret of the client.",
	},
	clientAuth: {
		name: "POSTERN_STAFF_OIDC_CLIENT_AUTH",
		kind: oneOf("basic", "post"),
		fallback: "basic",
		doc: "How the secret is sent: `client_secret_basic` or `client_secret_post`.",
	},
	label: {
		name: "POSTERN_STAFF_OIDC_LABEL",
		kind: label,
		fallback: "OpenID Connect",
		doc: "What the provider is called on the sign-in page.",
	},
} as const satisfies Record<string, Option>;

export const customerOidcOptions = {
	issuer: {
		name: "POSTERN_CUSTOMER_OIDC_ISSUER",
		kind: issuer,
		fallback: undefined,
		otherwise: "customers do not sign in by OpenID Connect",
		doc: "The provider of OpenID Connect at which customers sign in, as it names itself. Its redirect URI is `<POSTERN_PUBLIC_URL>/support/sign-in/callback`.",
	},
	clientId: {
		name: "POSTERN_CUSTOMER_OIDC_CLIENT_ID",
		kind: printable,
		fallback: undefined,
		otherwise: "none; needed with an issuer",
		doc: "What this installation is called there.",
	},
	clientSecret: {
		name: "POSTERN_CUSTOMER_OIDC_CLIENT_SECRET",
		kind: secretWord,
		fallback: undefined,
		otherwise: "none; needed with an issuer",
		secret: true,
		doc: "The secret of the client.",
	},
	clientAuth: {
		name: "POSTERN_CUSTOMER_OIDC_CLIENT_AUTH",
		kind: oneOf("basic", "post"),
		fallback: "basic",
		doc: "How the secret is sent: `client_secret_basic` or `client_secret_post`.",
	},
	scope: {
		name: "POSTERN_CUSTOMER_OIDC_SCOPE",
		kind: oidcScope,
		fallback: "openid",
		doc: "The scopes that are asked for, so that the claim comes.",
	},
	claim: {
		name: "POSTERN_CUSTOMER_OIDC_CLAIM",
		kind: claimName,
		fallback: "client_number",
		doc: "The claim that holds the number of the client, in the ID token or of the userinfo endpoint.",
	},
	label: {
		name: "POSTERN_CUSTOMER_OIDC_LABEL",
		kind: label,
		fallback: "OpenID Connect",
		doc: "What the provider is called on the sign-in page.",
	},
} as const satisfies Record<string, Option>;
