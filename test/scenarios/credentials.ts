/** Who is it? Every way of saying it wrong, on both POSTs: 401 in the same words, and nothing written. */
import { checksumOf, mintKey } from "../../server/domain/accounts/api-key.ts";
import { revokeApiKey } from "../../server/domain/accounts/revoke-api-key.ts";
import { scopes, system } from "../../server/kernel/actor.ts";
import { sql } from "../../server/platform/sql.ts";
import { testNow } from "../db.ts";
import { type Scenario, type Scene, type Sent, scenario } from "../scenario.ts";
import { reason } from "../stage.ts";
import { bodyV1, submitV1 } from "./v1-port25.ts";
import { submitV2 } from "./v2-port25.ts";

type Send = (scene: Scene) => Promise<Omit<Sent, "body" | "raw">>;

const required = "Authentication is required.";

/** A row on each POST, whose body would be accepted. */
function bothRows(
	name: string,
	given: Send,
	expected: Pick<Parameters<typeof scenario>[0], "status" | "events"> & {
		readonly detail?: string;
		readonly isFree?: true;
	},
): Scenario[] {
	const { detail, ...rest } = expected;
	const isRefused = rest.status === 401;
	return [
		scenario({
			...rest,
			name,
			route: submitV2,
			as: "prepaid",
			given,
			send: (sent, { me }) => ({ ...sent, body: { vpsId: me.vps.id, reason } }),
			...(isRefused && { code: "unauthorized" }),
			...(detail !== undefined && { bodyHas: { detail } }),
		}),
		scenario({
			...rest,
			status: isRefused ? 401 : 200,
			name,
			route: submitV1,
			as: "prepaid",
			given,
			send: (sent, scene) => ({ ...sent, body: bodyV1(scene) }),
			...(isRefused && {
				code: "UNAUTHORIZED",
				bodyHas: { message: "Authentication required" },
			}),
		}),
	];
}

const bearer = (text: string) => ({
	headers: { authorization: `Bearer ${text}` },
});

/** Refused without a look into the database: no key of ours can have this form. */
const malformed: Record<string, Send> = {
	"a key whose checksum is wrong": async ({ me }) => {
		const last = me.key.text.endsWith("0") ? "1" : "0";
		return bearer(me.key.text.slice(0, -1) + last);
	},
	"a key with two letters swapped": async ({ me }) => {
		const { text } = me.key;
		const at = [...text].findIndex((one, i) => i > 9 && one !== text[i + 1]);
		return bearer(
			text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2),
		);
	},
	"a key in capitals": async ({ me }) => bearer(me.key.text.toUpperCase()),
	"a key with something behind it": async ({ me }) => bearer(`${me.key.text}x`),
	"a password": async () => bearer("correct-horse-battery-staple"),
	"its key id": async ({ me }) => bearer(me.key.id),
	"the key as a password of Basic": async ({ me }) => ({
		headers: {
			authorization: `Basic ${Buffer.from(`${me.key.text}:`).toString("base64")}`,
		},
	}),
	"an empty Bearer": async () => ({ headers: { authorization: "Bearer " } }),
	"two keys in one header": async ({ me }) =>
		bearer(`${me.key.text}, ${me.key.text}`),
	"a header of 300 characters": async () => bearer("x".repeat(300)),
	"two headers that differ": async (scene) => ({
		headers: { "x-api-key": (await scene.addMember("prepaid")).key.text },
	}),
	"a good key beside one that is none": async () => ({
		headers: { "x-api-key": "none" },
	}),
	"a key in the query string": async ({ me }) => ({
		headers: { authorization: null },
		query: `api_key=${me.key.text}`,
	}),
	"a key in the query string beside the header": async ({ me }) => ({
		query: `token=${me.key.text}`,
	}),
	"a key in the query string under another name": async ({ me }) => ({
		query: `q=${me.key.text}`,
	}),
};

/** Keys that have the right form: one look into the database says no. */
const useless: Record<string, Send> = {
	"a key that nobody holds": async (scene) => {
		const { key } = mintKey("live");
		scene.keys.push({ id: "none", text: key });
		return bearer(key);
	},
	"a key that somebody made up, with its checksum": async () => {
		const random = "0".repeat(30);
		return bearer(`pst_live_${random}${checksumOf(random)}`);
	},
	"a key that expired at this moment": async (scene) => {
		scene.db.now = new Date(testNow.getTime() - 60_000);
		const key = await scene.addKey(
			{ clientId: scene.me.client.id },
			scopes.customer,
			{ expiresAt: testNow },
		);
		scene.db.now = testNow;
		return bearer(key.text);
	},
	"a key that was revoked": async (scene) => {
		await revoke(scene);
		return {};
	},
	"a key that was used and then revoked, a second later": async (scene) => {
		await scene.call("GET /api/v2/me");
		await revoke(scene);
		scene.db.now = new Date(testNow.getTime() + 1_000);
		return {};
	},
	"a test key, since this is no demo": async (scene) => {
		const { ownerSql } = scene.db;
		await ownerSql.run(sql`update installation set is_demo = true`);
		const key = await scene.addKey(
			{ clientId: scene.me.client.id },
			scopes.customer,
			{ isTest: true },
		);
		await ownerSql.run(sql`update installation set is_demo = false`);
		return bearer(key.text);
	},
};

async function revoke({ db, me }: Scene): Promise<void> {
	await db.performer.perform(system("test"), revokeApiKey, {
		keyId: me.key.id,
	});
}

const refused = { status: 401, events: [] } as const;

export const credentialRows: readonly Scenario[] = [
	...Object.entries(malformed).flatMap(([what, given]) =>
		bothRows(`refuses ${what}, without a statement`, given, {
			...refused,
			isFree: true,
		}),
	),
	...Object.entries(useless).flatMap(([what, given]) =>
		bothRows(`refuses ${what}`, given, { ...refused, detail: required }),
	),
	...bothRows(
		"takes the same key in both headers",
		async ({ me }) => ({ headers: { "x-api-key": me.key.text } }),
		{ status: 201, events: ["port25.requested"] },
	),
	...bothRows(
		"takes the scheme in any case",
		async ({ me }) => ({ headers: { authorization: `bEARER ${me.key.text}` } }),
		{ status: 201, events: ["port25.requested"] },
	),
	...bothRows(
		"takes an umbrella scope for its side",
		async (scene) => {
			const key = await scene.addKey({ clientId: scene.me.client.id }, [
				"write:all",
			]);
			// The event is audited under the key of the caller, which is this one.
			Object.assign(scene.me, { key });
			return bearer(key.text);
		},
		{ status: 201, events: ["port25.requested"] },
	),
];
