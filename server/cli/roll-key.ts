/** `postern keys roll`: a new key in the place of an old one. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { overlapHoursMax } from "../domain/accounts/replace-key.ts";
import { rollApiKey } from "../domain/accounts/roll-api-key.ts";
import { system } from "../kernel/actor.ts";
import { isId } from "../kernel/id.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { onDatabase, print } from "./command.ts";

export function addRollKey(keys: Command): void {
	keys
		.command("roll")
		.description(
			"replace a key by a new one with the same name, scopes and expiry; it is shown once",
		)
		.argument("<key-id>", "the id of the key, key_…, not the key itself")
		.addOption(overlapOption())
		.action(async (keyId: string, options: { overlapHours: number }) => {
			// Not shown again: it may be the key itself.
			if (!isId("key", keyId))
				throw new StartFailure(
					"That is not the id of a key. It begins with key_: see `postern keys list`.",
				);
			const { overlapHours } = options;
			await onDatabase(async ({ performer }) => {
				const input = { keyId, overlapHours };
				const made = await performer.perform(system("cli"), rollApiKey, input);
				const until =
					overlapHours === 0
						? "it stops working everywhere within a second"
						: `it works for at most ${overlapHours} h more`;
				print(`Rolled ${keyId} (${made.name}); ${until}.`);
				print(`Created ${made.id}. The key is shown only now:`);
				print(made.key);
			});
		});
}

/** `--overlap-hours`, of every command that rolls a key. */
export function overlapOption(): Option {
	return new Option(
		"--overlap-hours <hours>",
		`how long the old key still works: 0 to ${overlapHoursMax} hours`,
	)
		.argParser(wholeHours)
		.default(0);
}

function wholeHours(text: string): number {
	const hours = /^\d{1,2}$/.test(text) ? Number(text) : -1;
	if (hours < 0 || hours > overlapHoursMax)
		throw new InvalidArgumentError(
			`Give whole hours from 0 to ${overlapHoursMax}.`,
		);
	return hours;
}
