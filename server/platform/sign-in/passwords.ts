/**
 * Passwords as Argon2id (RFC 9106) with the parameters of OWASP's cheat sheet: 19 MiB, two passes, one lane. The work is done
 * on the threads of libuv, four at a time, so that many tries wait and do not fill the memory.
 */
import { hash, verify } from "@node-rs/argon2";

const parameters = {
	// Argon2id; the package's own name for it is a constant enum, which does not outlive type stripping.
	algorithm: 2,
	memoryCost: 19_456,
	timeCost: 2,
	parallelism: 1,
} as const;

/** Of a password that nobody knows: compared where there is none, so that both take as long. */
const nobodys =
	"$argon2id$v=19$m=19456,t=2,p=1$cG9zdGVybi1ub2JvZHkhIQ$Zm9yIG5vYm9keSBhdCBhbGwsIG5vciBmb3IgYW55Ym8";

/** The same text, however a keyboard composed it (NIST SP 800-63B, 5.1.1.2). */
function normal(password: string): string {
	return password.normalize("NFKC");
}

export function hashPassword(password: string): Promise<string> {
	return hash(normal(password), parameters);
}

/** Whether it is the password; false, after as long, when there is none to compare with. */
export async function isPassword(
	password: string,
	phc: string | undefined,
): Promise<boolean> {
	const isSame = await verify(phc ?? nobodys, normal(password));
	return isSame && phc !== undefined;
}
