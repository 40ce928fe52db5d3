/** `postern keys`: API keys of clients and staff, for the operator. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { addStaff } from "../domain/accounts/add-staff.ts";
import type { ApiKey, KeyHolder } from "../domain/accounts/api-key.ts";
import { createApiKey } from "../domain/accounts/create-api-key.ts";
import { listApiKeys } from "../domain/accounts/list-api-keys.ts";
import { findClientByLegacyId } from "../domain/accounts/read-standing.ts";
import { revokeApiKey } from "../domain/accounts/revoke-api-key.ts";
import { type StaffRole, staffRoles } from "../domain/accounts/staff.ts";
import { system } from "../kernel/actor.ts";
import { isId } from "../kernel/id.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { type CommandContext, onDatabase, print } from "./command.ts";
import { addRollKey } from "./roll-key.ts";

const actor = system("cli");

interface CreateOptions {
	readonly client?: string;
	readonly staff?: string;
	readonly newStaff?: string;
	readonly role: StaffRole;
	readonly name: string;
	readonly scopes: readonly string[];
	readonly expires?: Date;
}

export function addKeys(program: Command): void {
	const keys = program
		.command("keys")
		.description("create, list, roll and revoke API keys");
	keys
		.command("create")
		.description("create a key; it is shown once")
		.option("--client <id>", "for this client (client_… or its number)")
		.option("--staff <id>", "for this member of staff (staff_…)")
		.option("--new-staff <name>", "for a new member of staff of this name")
		.addOption(
			new Option("--role <role>", "of the new member of staff")
				.choices([...staffRoles])
				.default("reviewer"),
		)
		.requiredOption("--name <text>", "what the key is for")
		.requiredOption("--scopes <list>", "comma-separated scopes", commaList)
		.option(
			"--expires <instant>",
			"when it ends, as 2027-01-31T00:00:00Z",
			instant,
		)
		.action((options: CreateOptions) =>
			onDatabase((context) => create(context, options)),
		);
	keys
		.command("list")
		.description("list keys, newest first")
		.option("--client <id>", "only this client's (client_… or its number)")
		.option("--staff <id>", "only this member of staff's")
		.action((options: { client?: string; staff?: string }) =>
			onDatabase((context) => list(context, options)),
		);
	addRollKey(keys);
	keys
		.command("revoke")
		.description("end a key; it stops working everywhere within a second")
		.argument("<key-id>", "key_…")
		.action((keyId: string) =>
			onDatabase(async ({ performer }) => {
				const key = await performer.perform(actor, revokeApiKey, { keyId });
				print(`Revoked ${key.id} (${key.name}).`);
			}),
		);
}

async function create(
	context: CommandContext,
	options: CreateOptions,
): Promise<void> {
	const holder = await holderFor(context, options);
	const created = await context.performer.perform(actor, createApiKey, {
		holder,
		name: options.name,
		scopes: options.scopes,
		expiresAt: options.expires ?? null,
		isTest: false,
	});
	print(`Created ${created.id}. The key is shown only now:`);
	print(created.key);
}

async function holderFor(
	context: CommandContext,
	options: CreateOptions,
): Promise<KeyHolder> {
	const given = [options.client, options.staff, options.newStaff];
	if (given.filter((value) => value !== undefined).length !== 1)
		throw new StartFailure("Give one of --client, --staff and --new-staff.");
	const { performer } = context;
	if (options.newStaff !== undefined) {
		const staff = await performer.perform(actor, addStaff, {
			name: options.newStaff,
			email: null,
			role: options.role,
		});
		print(`Added ${staff.id} (${staff.name}, ${staff.role}).`);
		return { staffId: staff.id };
	}
	if (options.staff !== undefined) return { staffId: options.staff };
	return { clientId: await clientIdFor(context, options.client ?? "") };
}

async function clientIdFor(
	{ sql }: CommandContext,
	text: string,
): Promise<string> {
	if (isId("client", text)) return text;
	if (!/^[1-9]\d{0,14}$/.test(text))
		throw new StartFailure(
			`--client takes a client_… id or a number, not ${JSON.stringify(text)}.`,
		);
	const client = await findClientByLegacyId(sql, Number(text));
	if (client === undefined)
		throw new StartFailure(`There is no client with the number ${text}.`);
	return client.id;
}

async function list(
	context: CommandContext,
	options: { readonly client?: string; readonly staff?: string },
): Promise<void> {
	const holder: KeyHolder | undefined =
		options.client !== undefined
			? { clientId: await clientIdFor(context, options.client) }
			: options.staff !== undefined
				? { staffId: options.staff }
				: undefined;
	let cursor: string | undefined;
	let shown = 0;
	do {
		const page = await context.performer.ask(actor, listApiKeys, {
			limit: 100,
			...(holder && { holder }),
			...(cursor !== undefined && { cursor }),
		});
		for (const key of page.data) print(lineOf(key, context.clock()));
		shown += page.data.length;
		cursor = page.nextCursor ?? undefined;
	} while (cursor !== undefined);
	if (shown === 0) print("There are no keys.");
}

function lineOf(key: ApiKey, now: Date): string {
	const holder = key.clientId ?? key.staffId ?? "";
	const used = key.lastUsedAt?.toISOString() ?? "never used";
	return [
		key.id,
		stateOf(key, now).padEnd(8),
		`…${key.lastFour}`,
		holder.padEnd(33),
		key.name,
		key.scopes.join(","),
		used,
	].join("  ");
}

function stateOf(key: ApiKey, now: Date): string {
	if (key.revokedAt !== null) return "revoked";
	if (key.expiresAt !== null && key.expiresAt <= now) return "expired";
	return "live";
}

function commaList(text: string): string[] {
	return text
		.split(",")
		.map((part) => part.trim())
		.filter((part) => part !== "");
}

function instant(text: string): Date {
	const at = new Date(text);
	if (!/^\d{4}-\d\d-\d\dT.*Z$/.test(text) || Number.isNaN(at.getTime()))
		throw new InvalidArgumentError(
			"Give an instant such as 2027-01-31T00:00:00Z.",
		);
	return at;
}
