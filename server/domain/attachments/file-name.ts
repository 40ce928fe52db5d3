/**
 * Names of files as strangers send them, made harmless: for the database, for every header and page that shows them, and
 * for the disk of whoever saves the file (ASVS 5.0, 5.3 and 5.4; RFC 6266, 4.3).
 */

/** In bytes of UTF-8, its extension included. */
export const fileNameBytesMax = 120;

/** Of what one could not send by a name that a system opens by running it, or a browser by rendering it. */
const dangerous: ReadonlySet<string> = new Set(
	`apk app asp aspx bash bat cgi chm cmd com cpl dll dmg exe gadget hta htm html inf jar js jse jsp lnk mht mhtml mjs msc
	msi msp php phtml pif ps1 psm1 reg scf scr sct sh shtml svg svgz sys url vb vbe vbs wasm ws wsf wsh xht xhtml xsl`.split(
		/\s+/,
	),
);

/** Controls, and what has no looks of its own: direction marks, joiners, variation selectors, byte order marks. */
const invisible =
	/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** What a path, a shell or Windows takes for something else. */
const misleading = /[<>:"|?*\\/]/g;

/** Names of devices on Windows, whatever their extension. */
const device =
	/^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)/i;

/** The extension of a name in lower case, without its dot; undefined when it has none. */
export function extensionOf(name: string): string | undefined {
	// By its place and not by one pattern for all of the name, which would try every beginning with every dot behind it.
	const dot = name.lastIndexOf(".");
	const extension = name.slice(dot + 1);
	const isOne = dot > 0 && /^[^\s]{1,20}$/u.test(extension);
	return isOne && /[^.\s]/u.test(name.slice(0, dot))
		? extension.toLowerCase()
		: undefined;
}

/** The last extension of a name as it was sent, if it is one that no file is taken with. */
export function dangerousExtension(given: string): string | undefined {
	const extension = extensionOf(bareName(given));
	return extension !== undefined && dangerous.has(extension)
		? extension
		: undefined;
}

/**
 * A name to keep: no path, nothing invisible, nothing that is more than a name somewhere, at most 120 bytes, and with an
 * extension of what the file was found to be. One that it should not have is followed by the right one, never replaced:
 * `nginx.conf` that is text becomes `nginx.conf.txt`.
 */
export function cleanFileName(
	given: string | undefined,
	extensions: readonly [string, ...string[]],
): string {
	const name = bareName(given ?? "") || "file";
	const extension = extensionOf(name);
	if (extension !== undefined && extensions.includes(extension)) {
		const stem = name.slice(0, -extension.length - 1);
		return `${shortened(stem, extension)}.${extension}`;
	}
	return `${shortened(name, extensions[0])}.${extensions[0]}`;
}

function bareName(given: string): string {
	const parts = given.toWellFormed().split(/[\\/]/);
	const last = parts.findLast((part) => tidy(part) !== "") ?? "";
	const name = tidy(last);
	return device.test(name) ? `_${name}` : name;
}

function tidy(part: string): string {
	return part
		.replace(/\s/gu, " ")
		.replace(invisible, "")
		.normalize("NFC")
		.replace(/ +/g, " ")
		.replace(misleading, "_")
		.replace(/^[.\s]+|[.\s]+$/gu, "");
}

/** As much of the stem as leaves room for its extension; never half of a character. */
function shortened(stem: string, extension: string): string {
	const room = fileNameBytesMax - extension.length - 1;
	const encoder = new TextEncoder();
	let kept = "";
	let bytes = 0;
	for (const { segment } of new Intl.Segmenter("en").segment(stem)) {
		bytes += encoder.encode(segment).length;
		if (bytes > room) break;
		kept += segment;
	}
	return kept.replace(/[.\s]+$/u, "") || "file";
}
