/** The account of the caller (contract 8.4). */
import Type from "typebox";
import type { Client } from "../../domain/accounts/client.ts";
import { getMe as askForMe } from "../../domain/accounts/get-me.ts";
import { route } from "../route.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

/** The fields that the contract names; its list is cut off after them. */
const Me = Type.Object({
	id: Type.String(),
	name: Nullable,
	email: Nullable,
	firstName: Nullable,
	lastName: Nullable,
	companyName: Nullable,
	registrationIdentifier: Type.Union([
		Type.Object({ value: Type.String(), countryCode: Nullable }),
		Type.Null(),
	]),
	countryCode: Nullable,
	phoneNumber: Nullable,
	languageCode: Nullable,
	currencyCode: Nullable,
	accountType: Type.Enum(["private", "organisation"]),
	vatNumber: Nullable,
	invoiceReference: Nullable,
});

export const getMe = route({
	method: "GET",
	path: "/api/v2/me",
	name: "getMe",
	summary: "Get your account",
	tag: "Account",
	scope: "read:account",
	answer: { status: 200, description: "Your account.", schema: Me },
	async handle({ ask }) {
		return presentMe(await ask(askForMe, {}));
	},
});

function presentMe(client: Client) {
	const { registrationValue: value, registrationCountry } = client;
	return {
		id: client.id,
		name: client.name,
		email: client.email,
		firstName: client.firstName,
		lastName: client.lastName,
		companyName: client.companyName,
		registrationIdentifier:
			value === null ? null : { value, countryCode: registrationCountry },
		countryCode: client.countryCode,
		phoneNumber: client.phoneNumber,
		languageCode: client.languageCode,
		currencyCode: client.currencyCode,
		accountType: client.accountType,
		vatNumber: client.vatNumber,
		invoiceReference: client.invoiceReference,
	};
}
