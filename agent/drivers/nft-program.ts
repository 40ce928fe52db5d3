/** Runs `nft` once: for what is too large for a session, and when there is no session. */
import { spawn } from "node:child_process";
import { DriverFailed } from "./driver.ts";

export interface NftRun {
	/** Path of the program, or its name to be found in PATH. */
	readonly program: string;
	readonly args: readonly string[];
	/** After this it is killed; what it had begun is either done or not. */
	readonly timeoutMs: number;
	/** Takes what it writes to its standard output; left out when nobody reads it. */
	readonly onOutput?: (piece: Buffer) => void;
	/** Told the id of the process as soon as there is one. */
	readonly onStart?: (pid: number) => void;
}

/** @throws DriverFailed when it is missing, says no, or does not end */
export function runNft({
	program,
	args,
	timeoutMs,
	onOutput,
	onStart,
}: NftRun): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn(program, args, {
			stdio: ["ignore", onOutput === undefined ? "ignore" : "pipe", "pipe"],
		});
		if (child.pid !== undefined) onStart?.(child.pid);
		let complaint = "";
		let failure: unknown;
		const timer = setTimeout(() => {
			failure = new DriverFailed(`nft did not end in ${timeoutMs / 1000} s`);
			child.kill("SIGKILL");
		}, timeoutMs);
		child.stdout?.on("data", (piece: Buffer) => {
			try {
				if (failure === undefined) onOutput?.(piece);
			} catch (error) {
				failure = error;
				child.kill("SIGKILL");
			}
		});
		child.stderr?.on("data", (piece: Buffer) => {
			if (complaint.length < 4_096) complaint += piece.toString();
		});
		child.on("error", (error) => {
			failure = new DriverFailed(`nft cannot be run: ${error.message}`);
			clearTimeout(timer);
			reject(failure);
		});
		child.on("close", (code, signal) => {
			clearTimeout(timer);
			if (failure !== undefined) reject(failure);
			else if (code === 0) resolve();
			else if (signal !== null)
				reject(new DriverFailed(`nft was ended (${signal})`));
			else reject(new DriverFailed(`nft said no: ${firstLine(complaint)}`));
		});
	});
}

/** What nft complains about, without the command that it repeats below. */
export function firstLine(complaint: string): string {
	const lines = complaint.split("\n");
	const line = lines.find((one) => one.includes("Error")) ?? lines[0] ?? "";
	return line.trim().slice(0, 200) || "nothing";
}
