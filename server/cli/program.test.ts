import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "./program.ts";

interface Named {
	readonly words: string;
	readonly command: Command;
}

function allOf(command: Command, words: string): Named[] {
	return [
		{ words, command },
		...command.commands.flatMap((child) =>
			allOf(child, `${words} ${child.name()}`),
		),
	];
}

const all = allOf(createProgram(), "postern");

describe("the help", () => {
	test("is there for every command of the operator", () => {
		expect(all.map(({ words }) => words)).toEqual([
			"postern",
			"postern serve",
			"postern work",
			"postern migrate",
			"postern doctor",
			"postern config",
			"postern config print",
			"postern import",
			"postern backup",
			"postern restore",
			"postern allowlist",
			"postern allowlist confirm",
			"postern allowlist new-epoch",
			"postern attachments",
			"postern attachments check",
			"postern edge",
			"postern edge add-agent",
			"postern edge list",
			"postern edge roll-key",
			"postern edge accept",
			"postern edge disable",
			"postern edge enable",
			"postern edge remove",
			"postern jobs",
			"postern jobs list",
			"postern jobs retry",
			"postern jobs drop",
			"postern seal",
			"postern seal rotate",
			"postern seal shred",
			"postern keys",
			"postern keys create",
			"postern keys list",
			"postern keys roll",
			"postern keys revoke",
			"postern staff",
			"postern staff add",
			"postern staff invite",
			"postern staff reset",
			"postern staff list",
			"postern staff disable",
			"postern staff enable",
			"postern staff role",
			"postern verify-receipt",
			"postern demo",
			"postern demo sign-in",
			"postern demo remove",
		]);
	});

	test.each(all)(
		"of $words says what it does, and what each of its words means",
		({ words, command }) => {
			const text = command.helpInformation();
			expect(text).toMatch(new RegExp(`^Usage: ${words} `));
			expect(command.description()).toMatch(/^.{20}/);
			for (const { flags, description } of command.options) {
				expect(text).toContain(flags);
				expect(description, flags).toMatch(/^.{10}/);
			}
			for (const argument of command.registeredArguments)
				expect(argument.description, argument.name()).toMatch(/^.{10}/);
		},
	);
});

test.each([
	[["crate"], "postern"],
	[["keys", "crate"], "postern keys"],
	[["keys", "create"], "postern keys create"],
	[["serve", "--port", "80"], "postern serve"],
	[["demo", "remove", "all"], "postern demo remove"],
])(
	"postern %j is not understood: one line says why, the next where the help is",
	async (words, where) => {
		const program = createProgram();
		let said = "";
		for (const { command } of allOf(program, "postern"))
			command.exitOverride().configureOutput({
				writeErr: (text) => {
					said += text;
				},
				outputError: (text, write) =>
					write(text.replace(/^error: /, "postern: ")),
			});
		await expect(
			program.parseAsync(["node", "postern", ...words]),
		).rejects.toThrow();
		expect(said).toMatch(
			new RegExp(
				`^postern: .*\\n(\\(Did you mean .*\\n)?See: ${where} --help\\n$`,
			),
		);
	},
);
