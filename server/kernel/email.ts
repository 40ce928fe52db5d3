const lengthMax = 254;
const localLengthMax = 64;
const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const form = new RegExp(`^(${atom}(?:\\.${atom})*)@${label}(?:\\.${label})+$`);

/**
 * Whether a text is an e-mail address that mail can be sent to: `dot-atom@host.name` of RFC 5321 in ASCII, at most 254
 * characters. No quotes, comments, address literals, white space or line breaks, so it can stand in a header as it is.
 */
export function isEmailAddress(text: string): boolean {
	if (text.length > lengthMax) return false;
	const local = form.exec(text)?.[1];
	return local !== undefined && local.length <= localLengthMax;
}
