/** Where providers of OpenID Connect send browsers back to; `oidc-callback.ts` answers there. */
export const returnPaths = {
	staff: "/desk/sign-in/callback",
	customer: "/support/sign-in/callback",
} as const;
