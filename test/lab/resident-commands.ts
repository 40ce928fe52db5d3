/** What can be asked of the process that lives in a namespace of the lab; see `resident.ts`. */

/** How a connection attempt went. `refused` is an answer (a reset), `silent` is none. */
export type Outcome = "open" | "refused" | "silent";

export interface Route {
	/** Source address; left to the kernel when absent. */
	readonly from?: string;
	readonly to: string;
	readonly port: number;
}

/** One connection as the SMTP server saw it. Times are milliseconds of the machine's monotonic clock, for all processes. */
export interface ServedSession {
	readonly peer: string;
	readonly port: number;
	/** Each read of client bytes: when, and how many. */
	readonly reads: readonly { readonly atMs: number; readonly bytes: number }[];
	readonly bytesWritten: number;
	readonly isOpen: boolean;
}

/** A connection as the client sees it. */
export interface Conversation {
	readonly bytesWritten: number;
	readonly bytesRead: number;
	/** Null while it lives. */
	readonly ended: { readonly atMs: number; readonly code: string } | null;
}

export interface HttpAnswer {
	readonly status: number;
	readonly text: string;
	readonly etag: string | null;
	/** Just before the request was sent and just after its answer was read. */
	readonly sentAtMs: number;
	readonly gotAtMs: number;
}

export interface Commands {
	/** Listens with the SMTP server. */
	serve: { argument: { address: string; port: number }; result: null };
	/** Connections to the SMTP server from one address. */
	served: { argument: { peer: string }; result: readonly ServedSession[] };
	/** One attempt. Open means that the server's greeting was read, not only that the kernel shook hands. */
	connect: { argument: Route & { timeoutMs: number }; result: Outcome };
	/** Attempt after attempt until one is open; says how many, and when the last one's greeting was read. */
	knock: {
		argument: Route & { timeoutMs: number };
		result: { tries: number; openAtMs: number };
	};
	/** Opens a session that goes on: EHLO, HELP (which the server answers without end), then a line each few milliseconds. */
	converse: { argument: Route; result: { id: number } };
	conversation: { argument: { id: number }; result: Conversation };
	hangUp: { argument: { id: number }; result: Conversation };
	http: {
		argument: {
			method: string;
			url: string;
			headers?: Readonly<Record<string, string>>;
			body?: string;
		};
		result: HttpAnswer;
	};
	/** The far end of a VXLAN: what is sent here comes out of the other end's interface as it is, whatever it is. */
	tunnel: { argument: { address: string; peer: string }; result: null };
	/** Sends Ethernet frames, base64. */
	send: { argument: { frames: readonly string[] }; result: null };
	/** Whether a SYN-ACK to that port came through the tunnel, or comes in the meantime. */
	answered: { argument: { port: number; timeoutMs: number }; result: boolean };
}

export type CommandName = keyof Commands;
export type ArgumentOf<C extends CommandName> = Commands[C]["argument"];
export type ResultOf<C extends CommandName> = Commands[C]["result"];

export interface Ask {
	readonly id: number;
	readonly command: CommandName;
	readonly argument: unknown;
}

export interface Answer {
	readonly id: number;
	readonly result?: unknown;
	readonly error?: string;
}

/** Milliseconds of the monotonic clock, which is one for all processes of the machine. */
export function nowMs(): number {
	return Number(process.hrtime.bigint()) / 1e6;
}
