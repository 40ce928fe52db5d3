/** Schemas of contract/edge-protocol.ts, as far as several routes share them. */
import Type from "typebox";

export const Sum = Type.String({
	pattern: "^[0-9a-f]{32}$",
	description: "Sum over the elements, 32 lower-case hexadecimal digits.",
});

/** Of a position, as it is asked for and answered. */
export const positionFields = {
	epoch: Type.String({
		format: "uuid",
		// The format allows `urn:uuid:` before it, too, which the database does not.
		maxLength: 36,
		description: "One life of the revisions; those of two are not comparable.",
	}),
	rev: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
	n: Type.Integer({
		minimum: 0,
		maximum: Number.MAX_SAFE_INTEGER,
		description: "How many elements the set has.",
	}),
	sum: Sum,
};
