/** The settings PostgreSQL is started with: on its command line, so that nothing in its files weakens them. */
import { socketPort } from "./credentials.ts";

export interface PostgresSettings {
	readonly [name: string]: string;
	readonly fsync?: string;
}

/** Durable, modest, silent about data. Whoever runs PostgreSQL for tests may change these. */
const ours: PostgresSettings = {
	fsync: "on",
	synchronous_commit: "on",
	full_page_writes: "on",
	max_connections: "100",
	shared_buffers: "128MB",
	timezone: "UTC",
	log_timezone: "UTC",
	// Failed statements stay out of the log: they would carry addresses and texts of persons.
	log_min_messages: "log",
	log_error_verbosity: "terse",
	log_checkpoints: "off",
	logging_collector: "off",
	// Our statements are short: compiling them costs more than it saves.
	jit: "off",
};

/** The `-c name=value` words: ours, then the caller's, then what nobody changes (one private unix socket, no TCP). */
export function settingArgs(
	socketFolder: string,
	wanted: PostgresSettings = {},
): readonly string[] {
	const all = { ...ours, ...wanted, ...fixed(socketFolder) };
	return Object.entries(all).flatMap(([name, value]) => [
		"-c",
		`${name}=${value}`,
	]);
}

function fixed(socketFolder: string): PostgresSettings {
	return {
		listen_addresses: "",
		port: String(socketPort),
		// A list; quoted, so that a comma in the path is part of it.
		unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
		unix_socket_permissions: "0700",
		password_encryption: "scram-sha-256",
		ssl: "off",
	};
}
