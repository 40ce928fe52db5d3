import { parseDecimal } from "./decimal.ts";
import { identityMethods } from "./facts.ts";
import { billingCycles, type PolicyDocument, type TierPath } from "./policy.ts";
import { field } from "./reading.ts";

export type ParsedPolicy =
	| { readonly ok: true; readonly policy: PolicyDocument }
	| { readonly ok: false; readonly problems: readonly string[] };

/** A value in the document, where it stands, and the list that its problems go to. */
type Place = {
	readonly pointer: string;
	readonly value: unknown;
	readonly problems: string[];
};

/** PostgreSQL's `integer`, in which versions are kept. */
const versionMax = 2_147_483_647;
const agePossibleDays = { min: 1, max: 36_500 };
const pathsMax = 10;
const amountLengthMax = 20;
const shownNameMax = 60;

/**
 * Reads a policy document. Total: any value gives either the document, holding exactly the fields of `PolicyDocument`, or
 * every problem found, one line each, led by a JSON Pointer: `/tiers/tier2/0/minSpend: must be …`.
 *
 * Unknown fields are refused: a threshold that is misspelt must not be silently without effect. A reader that finds
 * a problem notes it and goes on with a stand-in, so that an editor sees all problems at once.
 */
export function parsePolicyDocument(value: unknown): ParsedPolicy {
	const root: Place = { pointer: "", value, problems: [] };
	const policy = readDocument(root);
	return root.problems.length === 0
		? { ok: true, policy }
		: { ok: false, problems: root.problems };
}

function readDocument(root: Place): PolicyDocument {
	const at = fieldsOf(root, [
		"engine",
		"version",
		"currencyCode",
		"autoApproveTier",
		"requirementScope",
		"identityMethods",
		"prepaidCycles",
		"maxAgeDays",
		"clockSkewMinutes",
		"tiers",
	]);
	return {
		engine: oneOf(at("engine"), ["postern/tiers"]),
		version: integer(at("version"), { min: 1, max: versionMax }),
		currencyCode: currencyCode(at("currencyCode")),
		autoApproveTier: oneOf(at("autoApproveTier"), [1, 2, 3, null]),
		requirementScope: oneOf(at("requirementScope"), ["account", "vps"]),
		identityMethods: wordsOf(at("identityMethods"), identityMethods),
		prepaidCycles: wordsOf(at("prepaidCycles"), billingCycles),
		maxAgeDays: maxAgeDays(at("maxAgeDays")),
		clockSkewMinutes: integer(at("clockSkewMinutes"), { min: 0, max: 60 }),
		tiers: tiers(at("tiers")),
	};
}

function maxAgeDays(place: Place): PolicyDocument["maxAgeDays"] {
	const at = fieldsOf(place, ["spend", "billing", "status", "abuse"]);
	return {
		spend: integer(at("spend"), agePossibleDays),
		billing: integer(at("billing"), agePossibleDays),
		status: integer(at("status"), agePossibleDays),
		abuse: integer(at("abuse"), agePossibleDays),
	};
}

function tiers(place: Place): PolicyDocument["tiers"] {
	const at = fieldsOf(place, ["tier1", "tier2", "tier3"]);
	return {
		tier1: listOf(at("tier1"), pathsMax, tierPath),
		tier2: listOf(at("tier2"), pathsMax, tierPath),
		tier3: listOf(at("tier3"), pathsMax, tierPath),
	};
}

function tierPath(place: Place): TierPath {
	const at = fieldsOf(place, [
		"identityProof",
		"minSpend",
		"minAccountAgeDays",
	]);
	const path = {
		identityProof: oneOf(at("identityProof"), [false, true]),
		minSpend: orNull(at("minSpend"), amount),
		minAccountAgeDays: orNull(at("minAccountAgeDays"), (days) =>
			integer(days, agePossibleDays),
		),
	};
	const asksNothing =
		field(place.value, "identityProof") === false &&
		path.minSpend === null &&
		path.minAccountAgeDays === null;
	return asksNothing
		? note(
				place,
				"must ask for something, or it gives its tier to everybody",
				path,
			)
		: path;
}

function currencyCode(place: Place): string {
	const { value } = place;
	if (typeof value === "string" && /^[A-Z]{3}$/.test(value)) return value;
	return note(place, "must be a currency code of three capital letters", "");
}

function amount(place: Place): string {
	const { value } = place;
	const isShort = typeof value === "string" && value.length <= amountLengthMax;
	const decimal = isShort ? parseDecimal(value) : undefined;
	const isPositive =
		decimal !== undefined &&
		!decimal.isNegative &&
		decimal.whole + decimal.fraction !== "";
	if (isShort && isPositive) return value;
	return note(
		place,
		`must be a decimal above zero as text of at most ${amountLengthMax} characters, or null`,
		"",
	);
}

function integer(
	place: Place,
	{ min, max }: { readonly min: number; readonly max: number },
): number {
	const { value } = place;
	const isInRange =
		typeof value === "number" &&
		Number.isInteger(value) &&
		value >= min &&
		value <= max;
	return isInRange
		? value
		: note(place, `must be an integer from ${min} to ${max}`, min);
}

function oneOf<Choice extends string | number | boolean | null>(
	place: Place,
	choices: readonly [Choice, ...Choice[]],
): Choice {
	for (const choice of choices) if (choice === place.value) return choice;
	const words = choices.map((choice) => JSON.stringify(choice));
	return note(
		place,
		words.length === 1
			? `must be ${words[0]}`
			: `must be one of ${words.join(", ")}`,
		choices[0],
	);
}

/** A list of different words; the empty list is allowed, and lets nothing count. */
function wordsOf<Word extends string>(
	place: Place,
	words: readonly [Word, ...Word[]],
): Word[] {
	const list = listOf(place, words.length, (item) => oneOf(item, words));
	// Asked of what was written: a stand-in for an unknown word is no repetition.
	const written: readonly unknown[] = Array.isArray(place.value)
		? place.value
		: [];
	return new Set(written).size === written.length
		? list
		: note(place, "must not name anything twice", list);
}

function listOf<Item>(
	place: Place,
	countMax: number,
	read: (item: Place) => Item,
): Item[] {
	const { value } = place;
	if (!Array.isArray(value) || value.length > countMax) {
		return note(place, `must be a list of at most ${countMax}`, []);
	}
	return Array.from(value, (item: unknown, i) =>
		read({
			pointer: `${place.pointer}/${i}`,
			value: item,
			problems: place.problems,
		}),
	);
}

function orNull<Value>(
	place: Place,
	read: (place: Place) => Value,
): Value | null {
	return place.value === null ? null : read(place);
}

/** Checks that a place is an object with no field but these, and gives the way to them. */
function fieldsOf<Name extends string>(
	place: Place,
	names: readonly Name[],
): (name: Name) => Place {
	const { pointer, value, problems } = place;
	const isObject =
		typeof value === "object" && value !== null && !Array.isArray(value);
	if (!isObject) note(place, "must be an object", null);
	const unknown = isObject
		? Object.keys(value).filter((key) => !names.some((name) => name === key))
		: [];
	for (const key of unknown) {
		note(
			{ pointer: `${pointer}/${pointerName(key)}`, value, problems },
			"is not a field of a policy",
			null,
		);
	}
	// Where there is no object, its fields are not missing one by one: their problems go nowhere.
	return (name) => ({
		pointer: `${pointer}/${name}`,
		value: field(value, name),
		problems: isObject ? problems : [],
	});
}

/** RFC 6901, 3; and no longer than a line can show. */
function pointerName(key: string): string {
	return key.slice(0, shownNameMax).replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Remembers a problem and gives back what to go on with. */
function note<StandIn>(
	{ pointer, problems }: Place,
	problem: string,
	standIn: StandIn,
): StandIn {
	problems.push(`${pointer === "" ? "the document" : pointer}: ${problem}`);
	return standIn;
}
