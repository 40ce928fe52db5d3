/**
 * A long-lived `nft -j -i`: a change costs half a millisecond in it, where starting nft costs five. It says nothing about
 * what went well, so each command is followed by one whose answer is known; whatever comes before that answer belongs to
 * the command. Errors and answers share one pipe, because two have no order.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { DriverFailed } from "./driver.ts";

/** The session ended, or did not answer, before it said how a command went: it was done or it was not. */
export class SessionLost extends DriverFailed {}

const question = "describe ip saddr";
const answer = "payload expression, datatype ipv4_addr (IPv4 address)";

interface Turn {
	readonly line: string;
	readonly resolve: (output: string) => void;
	readonly reject: (error: Error) => void;
}

interface Session {
	readonly child: ChildProcess;
	output: string;
	timer: NodeJS.Timeout | undefined;
}

export class NftSession {
	readonly #program: string;
	readonly #timeoutMs: number;
	readonly #onStart: (pid: number) => void;
	readonly #turns: Turn[] = [];
	#session: Session | null = null;
	#isEnded: boolean = false;

	constructor(options: {
		readonly program: string;
		/** How long one command may take. */
		readonly timeoutMs: number;
		readonly onStart: (pid: number) => void;
	}) {
		this.#program = options.program;
		this.#timeoutMs = options.timeoutMs;
		this.#onStart = options.onStart;
	}

	/**
	 * Runs one line, which is one transaction, and gives what nft wrote about it: nothing when it changed something, JSON
	 * when it listed, a complaint when it did neither. Lines wait for each other.
	 *
	 * @throws SessionLost
	 */
	run(line: string): Promise<string> {
		return new Promise((resolve, reject) => {
			if (this.#isEnded) return reject(new SessionLost("nft was ended"));
			this.#turns.push({ line, resolve, reject });
			if (this.#turns.length === 1) this.#next();
		});
	}

	end(): void {
		this.#isEnded = true;
		this.#lose("nft was ended");
	}

	#next(): void {
		const turn = this.#turns[0];
		if (turn === undefined) return;
		const session = this.#session ?? this.#open();
		this.#session = session;
		session.output = "";
		session.timer = setTimeout(
			() => this.#lose(`nft did not answer in ${this.#timeoutMs / 1000} s`),
			this.#timeoutMs,
		);
		session.child.stdin?.write(`${turn.line}\n${question}\n`);
	}

	#open(): Session {
		const child = spawn("sh", ["-c", 'exec "$0" -j -i 2>&1', this.#program], {
			stdio: ["pipe", "pipe", "ignore"],
		});
		const session: Session = { child, output: "", timer: undefined };
		if (child.pid !== undefined) this.#onStart(child.pid);
		const lose = (why: string) => {
			if (this.#session === session) this.#lose(why);
		};
		child.stdin?.on("error", () => {});
		child.on("error", (error) => lose(`nft cannot be run: ${error.message}`));
		child.on("exit", () => lose(`nft ended: ${session.output.slice(0, 200)}`));
		child.stdout?.on("data", (piece: Buffer) => {
			if (this.#session === session) this.#take(session, piece.toString());
		});
		return session;
	}

	#take(session: Session, piece: string): void {
		session.output += piece;
		const at = session.output.lastIndexOf(answer);
		if (at === -1 || !session.output.endsWith("\n")) return;
		clearTimeout(session.timer);
		this.#turns.shift()?.resolve(session.output.slice(0, at).trim());
		this.#next();
	}

	/** The next line gets a new session; the one that was under way is for its caller to judge. */
	#lose(why: string): void {
		const session = this.#session;
		this.#session = null;
		clearTimeout(session?.timer);
		session?.child.kill("SIGKILL");
		this.#turns.shift()?.reject(new SessionLost(why));
		if (this.#isEnded)
			for (const turn of this.#turns.splice(0))
				turn.reject(new SessionLost(why));
		else this.#next();
	}
}
