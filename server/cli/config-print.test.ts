import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { addConfig } from "./config.ts";

afterEach(() => vi.unstubAllEnvs());

test("config print shows every value and no secret", async () => {
	vi.stubEnv("DATABASE_URL", "postgres://me:hunter2@localhost/one");
	vi.stubEnv("PORT", "4321");
	let said = "";
	const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
		said += String(text);
		return true;
	});
	const program = new Command();
	addConfig(program);
	await program.parseAsync(["config", "print"], { from: "user" });
	write.mockRestore();
	expect(said).toMatch(/^Database and files\n {2}DATABASE_URL +\(set\)$/m);
	expect(said).toMatch(/^ {2}PORT +4321$/m);
	expect(said).not.toContain("hunter2");
});
