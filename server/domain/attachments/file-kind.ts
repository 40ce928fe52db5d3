/**
 * Which files are taken, and as what: by what is in them, never by what the sender says (contract 6.8, 14.37). The name only
 * chooses among the kinds of text, which look alike inside.
 */
import type { FileContent } from "./file-content.ts";
import { dangerousExtension, extensionOf } from "./file-name.ts";
import { zipDirectoryIn } from "./zip-directory.ts";

export interface FileKind {
	readonly contentType: string;
	/** Those that a name of this kind may end with; the first where it has none of them. */
	readonly extensions: readonly [string, ...string[]];
}

/** What a magic number names → how it is kept. */
const binaryKinds: ReadonlyMap<string, FileKind> = new Map<string, FileKind>([
	["image/png", { contentType: "image/png", extensions: ["png"] }],
	["image/apng", { contentType: "image/png", extensions: ["png"] }],
	["image/jpeg", { contentType: "image/jpeg", extensions: ["jpg", "jpeg"] }],
	["image/gif", { contentType: "image/gif", extensions: ["gif"] }],
	["image/webp", { contentType: "image/webp", extensions: ["webp"] }],
	["image/avif", { contentType: "image/avif", extensions: ["avif"] }],
	["image/heic", { contentType: "image/heic", extensions: ["heic", "heif"] }],
	["image/heif", { contentType: "image/heif", extensions: ["heif", "heic"] }],
	["image/tiff", { contentType: "image/tiff", extensions: ["tif", "tiff"] }],
	["application/pdf", { contentType: "application/pdf", extensions: ["pdf"] }],
	["application/zip", { contentType: "application/zip", extensions: ["zip"] }],
]);

const plainText: FileKind = {
	contentType: "text/plain",
	extensions: ["txt", "log", "text"],
};

/** Kinds of text by the name's extension, each with how it must begin. */
const textKinds: ReadonlyMap<string, FileKind & { readonly begins: RegExp }> =
	new Map([
		["csv", { contentType: "text/csv", extensions: ["csv"], begins: /^/ }],
		[
			"json",
			{
				contentType: "application/json",
				extensions: ["json"],
				begins: /^\s*[[{]/,
			},
		],
		[
			"eml",
			{
				contentType: "message/rfc822",
				extensions: ["eml"],
				// A field name of RFC 5322, 2.2, or the line that mailboxes begin a message with.
				begins: /^(?:From |[!-9;-~]+[ \t]*:)/,
			},
		],
	]);

/** Magic numbers of letters that a text may begin with by chance (`BM`, `ID3`), or that are text anyway. */
const textMagic =
	/^(?:image\/bmp|audio\/|video\/|text\/|application\/(?:pgp|x-pem|json|x-subrip|vnd\.apple\.mpegurl|x-mpegurl))/;

/** A tag, a declaration or an instruction in front, where no address in angle brackets is. */
const beginsAsMarkup = /^\s*<(?![^\s<>]*@)[a-z!?/]/i;

/** What no archive holds that is only an archive. */
const programEntries =
	/^(?:META-INF\/MANIFEST\.MF|AndroidManifest\.xml|classes\.dex|\[Content_Types\]\.xml)$/i;

export const refusals = {
	empty: "`file` is empty.",
	name: "`file` has the name of a program or a web page. Put it into a ZIP file, or send its text as .txt.",
	markup: "`file` is a web page, an SVG or XML. Put it into a ZIP file.",
	program: "`file` is a program. Describe what it does instead of sending it.",
	mixed:
		"`file` is more than it seems: it holds a web page or an archive besides. Send each as a file of its own.",
	unknown:
		"`file` is of a type that is not taken. Taken are images (PNG, JPEG, GIF, WebP, HEIC, AVIF, TIFF), PDF, text, logs, CSV, JSON, e-mail (.eml) and ZIP.",
} as const;

export type WhyNot = keyof typeof refusals;

/** The kind of a file, or why it is not taken. `magic` is the MIME type that its first bytes announce. */
export function kindOf(
	content: FileContent,
	about: { readonly name: string; readonly magic: string | undefined },
): FileKind | WhyNot {
	if (content.byteLength === 0) return "empty";
	if (dangerousExtension(about.name) !== undefined) return "name";
	if (content.isText && about.magic !== "application/pdf")
		return textKindOf(content, about);
	return binaryKindOf(content, about.magic);
}

function textKindOf(
	{ opening }: FileContent,
	{
		name,
		magic,
	}: { readonly name: string; readonly magic: string | undefined },
): FileKind | WhyNot {
	if (opening.startsWith("#!")) return "program";
	if (beginsAsMarkup.test(opening)) return "markup";
	// A picture has bytes that no text has: what has none is made to look like one.
	if (magic !== undefined && !textMagic.test(magic))
		return magic.startsWith("image/") ? "mixed" : "unknown";
	const kind = textKinds.get(extensionOf(name) ?? "");
	return kind?.begins.test(opening) === true ? kind : plainText;
}

function binaryKindOf(
	content: FileContent,
	magic: string | undefined,
): FileKind | WhyNot {
	const kind = binaryKinds.get(magic ?? "");
	if (kind === undefined) return "unknown";
	const archive = zipDirectoryIn(content.tail, content.byteLength);
	if (kind.contentType === "application/zip") {
		if (archive?.isWholeFile !== true) return "mixed";
		return archive.names.some((name) => programEntries.test(name))
			? "unknown"
			: kind;
	}
	if (archive !== undefined) return "mixed";
	const { hasMarkup, opening } = content;
	// A PDF may speak of HTML anywhere but where a browser looks for it.
	const isPage =
		kind.contentType === "application/pdf"
			? /<(?:script|html|body|svg|iframe|!doctype)\b/i.test(
					opening.slice(0, 1024),
				)
			: hasMarkup;
	return isPage ? "mixed" : kind;
}
