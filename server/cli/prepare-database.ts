/** What every start does with the database before anything runs on it: migrations, and the policy in force. */
import { readFile } from "node:fs/promises";
import type { Config } from "../config.ts";
import { adoptPolicy } from "../domain/port25/adopt-policy.ts";
import { parsePolicyDocument } from "../domain/port25/policy/parse-policy.ts";
import {
	defaultPolicy,
	type PolicyDocument,
} from "../domain/port25/policy/policy.ts";
import { system } from "../kernel/actor.ts";
import { migrate } from "../platform/migrate.ts";
import type { Performer } from "../platform/perform.ts";
import { raiseSequence } from "../platform/raise-sequence.ts";
import { errorCode, StartFailure } from "../platform/start-failure.ts";
import { adoptEvents } from "../platform/system-identity.ts";
import { connectAsOwner, type OpenDatabase } from "./open-database.ts";

/**
 * Brings the schema up to date and returns the names of the migrations that ran; safe when several processes start
 * together. Throws a StartFailure of one line when the database is not ours to change.
 */
export async function migrateDatabase(
	database: OpenDatabase,
): Promise<string[]> {
	const client = await connectAsOwner(database);
	try {
		const ran = await migrate(client);
		await adoptEvents(client);
		return ran;
	} catch (error) {
		// insufficient_privilege (SQLSTATE, Appendix A of PostgreSQL's manual)
		if (errorCode(error) !== "42501" || !(error instanceof Error)) throw error;
		throw new StartFailure(
			`The database user may not set the database up (${error.message}). Make it the owner of the database, or give one that is as DATABASE_OWNER_URL.`,
			{ cause: error },
		);
	} finally {
		await client.end();
	}
}

/** Sees to it that the next ticket has this number at least (contract 14.26). Returns whether anything was changed. */
export async function raiseTicketNumbers(
	database: OpenDatabase,
	base: number,
): Promise<boolean> {
	const client = await connectAsOwner(database);
	try {
		return await raiseSequence(client, "ticket_numbers", base);
	} finally {
		await client.end();
	}
}

/** Reads the policy of the configuration; a StartFailure names what is wrong with its file. */
export async function readPolicy(config: Config): Promise<PolicyDocument> {
	const { policyFile } = config.port25;
	if (policyFile === undefined) return defaultPolicy;
	const parsed = parsePolicyDocument(await readJson(policyFile));
	if (parsed.ok) return parsed.policy;
	throw new StartFailure(
		`POSTERN_POLICY_FILE: ${policyFile} is not a policy: ${parsed.problems.join("; ")}`,
	);
}

export async function putPolicyInForce(
	performer: Performer,
	policy: PolicyDocument,
): Promise<void> {
	await performer.perform(system("start"), adoptPolicy, policy);
}

async function readJson(path: string): Promise<unknown> {
	try {
		return JSON.parse(await readFile(path, "utf8"));
	} catch (error) {
		throw new StartFailure(
			`POSTERN_POLICY_FILE: ${path} cannot be read as JSON. Correct the path or the file.`,
			{ cause: error },
		);
	}
}
