/**
 * `Content-Disposition: attachment` with a file's name (RFC 6266), for any name there may be: in ASCII for whoever reads no
 * more, and whole in the extended form (RFC 8187) where that says less.
 */
export function attachmentNamed(name: string): string {
	const plain = name
		.toWellFormed()
		// Some readers unquote `%41`, and some stumble over a backslash.
		.replace(/[^\x20-\x7e]|["\\%]/gu, "_");
	const header = `attachment; filename="${plain}"`;
	return plain === name
		? header
		: `${header}; filename*=UTF-8''${encoded(name)}`;
}

/** All but `attr-char`s in percent encoding. */
function encoded(name: string): string {
	return encodeURIComponent(name.toWellFormed()).replace(
		/['()*]/g,
		(sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
	);
}
