/** What browsers say of passkeys, as far as it is looked at (WebAuthn 3, 5.1.8). */
import Type from "typebox";

const Base64Url = Type.String({
	pattern: "^[A-Za-z0-9_-]+$",
	maxLength: 16_384,
});

export const NewPasskeyShape = Type.Object({
	id: Base64Url,
	response: Type.Object({
		clientDataJSON: Base64Url,
		attestationObject: Base64Url,
		transports: Type.Optional(
			Type.Array(Type.String({ maxLength: 32 }), { maxItems: 8 }),
		),
	}),
});

export const PasskeyShape = Type.Object({
	id: Base64Url,
	response: Type.Object({
		clientDataJSON: Base64Url,
		authenticatorData: Base64Url,
		signature: Base64Url,
	}),
});

/** The options for `navigator.credentials`; made and read by libraries. */
export const OptionsShape = Type.Object(
	{},
	{
		additionalProperties: true,
		description: "For `navigator.credentials`, in its JSON form.",
	},
);
