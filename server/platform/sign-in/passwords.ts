/**
 * Passwords as Argon2id (RFC 9106) with the parameters of OWASP's cheat sheet: 19 MiB, two passes, one lane.
 *
 * The work is done on the threads of libuv, of which files, names and the cryptography of everybody else want some, too. So two
 * of its four are used at most, whoever asks; some wait, and the others are refused: with a line that has no end, whoever sends
 * enough wrong passwords keeps the whole process waiting, each within the limits.
 */
import { hash, verify } from "@node-rs/argon2";
import { type Asker, createTurns } from "./turns.ts";

const parameters = {
	// Argon2id; the package's own name for it is a constant enum, which does not outlive type stripping.
	algorithm: 2,
	memoryCost: 19_456,
	timeCost: 2,
	parallelism: 1,
} as const;

/** Of the process, as the threads are. What waits is over within a second. */
const turns = createTurns({ atOnce: 2, waitingMax: 16 });

/** Of a password that nobody knows: compared where there is none, so that both take as long. */
const nobodys =
	"$argon2id$v=19$m=19456,t=2,p=1$cG9zdGVybi1ub2JvZHkhIQ$Zm9yIG5vYm9keSBhdCBhbGwsIG5vciBmb3IgYW55Ym8";

/** The same text, however a keyboard composed it (NIST SP 800-63B, 5.1.1.2). */
function normal(password: string): string {
	return password.normalize("NFKC");
}

/** Refuses `server.unavailable` when too many wait. */
export function hashPassword(password: string, asker: Asker): Promise<string> {
	return turns.take(asker, () => hash(normal(password), parameters));
}

/**
 * Whether it is the password; false, after as long, when there is none to compare with. Refuses `server.unavailable` when too
 * many wait.
 */
export async function isPassword(
	password: string,
	{ phc, asker }: { readonly phc: string | undefined; readonly asker: Asker },
): Promise<boolean> {
	const isSame = await turns.take(asker, () =>
		verify(phc ?? nobodys, normal(password)),
	);
	return isSame && phc !== undefined;
}
