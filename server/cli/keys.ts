/** `postern keys`: API keys of clients and staff, for the operator. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { instant } from "../config-values.ts";
import { addStaff, type NewStaff } from "../domain/accounts/add-staff.ts";
import type { ApiKey, KeyHolder } from "../domain/accounts/api-key.ts";
import {
	createApiKey,
	type NewApiKey,
} from "../domain/accounts/create-api-key.ts";
import { listApiKeys } from "../domain/accounts/list-api-keys.ts";
import { findClientByLegacyId } from "../domain/accounts/read-standing.ts";
import { revokeApiKey } from "../domain/accounts/revoke-api-key.ts";
import {
	type Staff,
	type StaffRole,
	scopesOfRole,
	staffRoles,
} from "../domain/accounts/staff.ts";
import { scopes, system } from "../kernel/actor.ts";
import { isId } from "../kernel/id.ts";
import type { Verb } from "../platform/perform.ts";
import { StartFailure } from "../platform/start-failure.ts";
import {
	type CommandContext,
	onDatabase,
	print,
	sayWhatIsMissing,
	shown,
} from "./command.ts";
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
		.description("create, list, roll and revoke API keys of clients and staff");
	keys
		.command("create")
		.description(
			"create a key for a client or a member of staff; it is shown once",
		)
		.option("--client <id>", "for this client: client_…, or its number")
		.option("--staff <id>", "for this member of staff: staff_…")
		.option("--new-staff <name>", "for a new member of staff of this name")
		.addOption(
			new Option("--role <role>", "what the new member of staff is")
				.choices([...staffRoles])
				.default("reviewer"),
		)
		.requiredOption("--name <text>", "what the key is for, for people to read")
		.requiredOption(
			"--scopes <list>",
			"what it may do: scopes, separated by commas",
			commaList,
		)
		.option(
			"--expires <instant>",
			"when it ends, such as 2027-01-31T00:00:00Z (default: never)",
			parseInstant,
		)
		.addHelpText("after", scopesHelp())
		.action((options: CreateOptions) =>
			onDatabase((context) => create(context, options)),
		);
	keys
		.command("list")
		.description("list keys, newest first, with the revoked and expired ones")
		.option("--client <id>", "only this client's: client_…, or its number")
		.option("--staff <id>", "only this member of staff's: staff_…")
		.action((options: { client?: string; staff?: string }) =>
			onDatabase((context) => list(context, options)),
		);
	addRollKey(keys);
	keys
		.command("revoke")
		.description("end a key; it stops working everywhere within a second")
		.argument("<key-id>", "the id of the key, key_…, not the key itself")
		.action((keyId: string) => {
			// Not shown again: it may be the key itself.
			if (!isId("key", keyId))
				throw new StartFailure(
					"That is not the id of a key. It begins with key_: see `postern keys list`.",
				);
			return onDatabase(async ({ performer }) => {
				const key = await performer
					.perform(actor, revokeApiKey, { keyId })
					.catch(sayWhatIsMissing(`There is no key ${keyId}.`));
				print(`Revoked ${key.id} (${key.name}).`);
			});
		});
}

function scopesHelp(): string {
	const roles = staffRoles.map(
		(role) => `  ${role.padEnd(12)}${scopesOfRole(role).join(" ")}`,
	);
	return `
Scopes of a client's key:
  ${scopes.customer.slice(0, 6).join(" ")}
  ${scopes.customer.slice(6).join(" ")}
Scopes of a key of staff, by role:
${roles.join("\n")}

Example:
  postern keys create --client 30001 --name "Mail gateway" --scopes read:vm,write:support`;
}

async function create(
	context: CommandContext,
	options: CreateOptions,
): Promise<void> {
	const created = await context.performer
		.perform(actor, createKey, {
			holder: await holderFor(context, options),
			key: {
				name: options.name,
				scopes: options.scopes,
				expiresAt: options.expires ?? null,
				isTest: false,
			},
		})
		.catch(
			sayWhatIsMissing(
				`There is no ${options.staff === undefined ? "client" : "active member of staff"} ${shown(options.staff ?? options.client ?? "")}.`,
			),
		);
	if (created.staff !== undefined)
		print(
			`Added ${created.staff.id} (${created.staff.name}, ${created.staff.role}).`,
		);
	print(`Created ${created.id}. The key is shown only now:`);
	print(created.key);
}

type NewHolder = KeyHolder | { readonly newStaff: NewStaff };

/** Both or neither: a key that is refused leaves no new member of staff behind. */
const createKey: Verb<
	{
		readonly holder: NewHolder;
		readonly key: Omit<NewApiKey, "holder">;
	},
	ApiKey & { readonly key: string; readonly staff: Staff | undefined }
> = {
	name: createApiKey.name,
	async run(tx, { holder, key }) {
		const staff =
			"newStaff" in holder
				? await addStaff.run(tx, holder.newStaff)
				: undefined;
		const input = {
			...key,
			holder: "newStaff" in holder ? { staffId: staff?.id ?? "" } : holder,
		};
		return { ...(await createApiKey.run(tx, input)), staff };
	},
};

async function holderFor(
	context: CommandContext,
	{ client, staff, newStaff, role }: CreateOptions,
): Promise<NewHolder> {
	const given = [client, staff, newStaff];
	if (given.filter((value) => value !== undefined).length !== 1)
		throw new StartFailure(
			"Say whom the key is for: one of --client, --staff and --new-staff.",
		);
	if (newStaff !== undefined)
		return { newStaff: { name: newStaff, email: null, role } };
	return staff === undefined
		? { clientId: await clientIdFor(context, client ?? "") }
		: { staffId: staff };
}

async function clientIdFor(
	{ sql }: CommandContext,
	text: string,
): Promise<string> {
	if (isId("client", text)) return text;
	if (!/^[1-9]\d{0,14}$/.test(text))
		throw new StartFailure(
			`--client takes an id (client_…) or a number, not ${shown(text)}.`,
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
	const lines: string[] = [];
	let cursor: string | undefined;
	do {
		const page = await context.performer.ask(actor, listApiKeys, {
			limit: 100,
			...(holder && { holder }),
			...(cursor !== undefined && { cursor }),
		});
		lines.push(...page.data.map((key) => lineOf(key, context.clock())));
		cursor = page.nextCursor ?? undefined;
	} while (cursor !== undefined);
	if (lines.length === 0) {
		print("There are no keys.");
		return;
	}
	print(
		inColumns(
			"KEY",
			"STATE",
			"ENDS IN",
			"HOLDER",
			"EXPIRES",
			"LAST USED",
			"NAME · SCOPES",
		),
	);
	for (const line of lines) print(line);
}

function lineOf(key: ApiKey, now: Date): string {
	return inColumns(
		key.id,
		stateOf(key, now),
		`…${key.lastFour}`,
		key.clientId ?? key.staffId ?? key.agentId ?? "",
		key.expiresAt?.toISOString() ?? "never",
		key.lastUsedAt?.toISOString() ?? "never",
		`${key.name} · ${key.scopes.join(",")}`,
	);
}

const columnWidths = [30, 7, 7, 33, 24, 24];

function inColumns(...cells: readonly string[]): string {
	return cells.map((cell, i) => cell.padEnd(columnWidths[i] ?? 0)).join("  ");
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

function parseInstant(text: string): Date {
	const at = instant.parse(text);
	if (at === undefined)
		throw new InvalidArgumentError(`Give ${instant.expected}.`);
	return at;
}
