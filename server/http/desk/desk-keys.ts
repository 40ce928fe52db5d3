/** An API key as administrators see it: everything but its text, revoked ones too. */
import Type from "typebox";
import type { ApiKey } from "../../domain/accounts/api-key.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const DeskApiKey = Type.Object({
	id: Type.String(),
	name: Type.String(),
	scopes: Type.Array(Type.String()),
	createdAt: Type.String(),
	expiresAt: Nullable,
	revokedAt: Nullable,
	successorId: Type.Union([Type.String(), Type.Null()], {
		description: "The key that took its place, once it was rolled.",
	}),
	lastUsedAt: Type.Union([Type.String(), Type.Null()], {
		description: "To the minute.",
	}),
	lastFour: Type.String(),
});

export const DeskApiKeyPage = Type.Object({
	data: Type.Array(DeskApiKey),
	hasMore: Type.Boolean(),
	nextCursor: Nullable,
});

export const PageQuery = Type.Object({
	limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
	cursor: Type.Optional(Type.String()),
});

export function presentKey(key: ApiKey) {
	return {
		id: key.id,
		name: key.name,
		scopes: [...key.scopes],
		createdAt: key.createdAt.toISOString(),
		expiresAt: key.expiresAt?.toISOString() ?? null,
		revokedAt: key.revokedAt?.toISOString() ?? null,
		successorId: key.successorId,
		lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
		lastFour: key.lastFour,
	};
}

export function presentKeyPage(page: {
	readonly data: readonly ApiKey[];
	readonly nextCursor: string | null;
}) {
	return {
		data: page.data.map(presentKey),
		hasMore: page.nextCursor !== null,
		nextCursor: page.nextCursor,
	};
}
