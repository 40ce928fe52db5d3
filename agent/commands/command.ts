/** What every command gets, and how it speaks. */
export interface CommandOptions {
	/** The configuration file; null for the usual place. */
	readonly configPath: string | null;
	/** `--once`: the canary looks once, and says what it saw. */
	readonly isOnce: boolean;
	/** `--json`: for programs. */
	readonly isJson: boolean;
}

/** Does it, and gives the exit code. */
export type Command = (options: CommandOptions) => Promise<number>;

export function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
