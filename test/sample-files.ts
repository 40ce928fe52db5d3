/** Files to upload: some of each kind that is taken, and a hostile corpus. */
import {
	binaryPdf,
	gif,
	isoMedia,
	jpeg,
	pdf,
	png,
	tiff,
	utf16,
	webp,
	zip,
} from "./file-formats.ts";

const log = "2026-11-20T10:00:00Z \u001b[31merror\u001b[0m smtp: 550 5.7.1\n";

export interface SampleFile {
	readonly what: string;
	readonly name: string;
	readonly bytes: Buffer;
}

export interface GoodFile extends SampleFile {
	readonly contentType: string;
	/** The name that it has afterwards; the given one when absent. */
	readonly becomes?: string;
}

const good = (
	what: string,
	name: string,
	bytes: Buffer | string,
	contentType: string,
	becomes?: string,
): GoodFile => ({
	what,
	name,
	bytes: Buffer.from(bytes),
	contentType,
	...(becomes !== undefined && { becomes }),
});

export const goodFiles: readonly GoodFile[] = [
	good("a PNG", "screen.png", png(), "image/png"),
	good(
		"a PNG with metadata in XML",
		"screen.png",
		png([
			[
				"tEXt",
				Buffer.from('XML:com.adobe.xmp\0<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'),
			],
		]),
		"image/png",
	),
	good("a GIF", "a.gif", gif, "image/gif"),
	good("a JPEG", "IMG_0001.JPG", jpeg, "image/jpeg", "IMG_0001.jpg"),
	good("a JPEG with the other ending", "a.jpeg", jpeg, "image/jpeg"),
	good("a WebP", "a.webp", webp, "image/webp"),
	good("a HEIC", "IMG_1.heic", isoMedia("heic"), "image/heic"),
	good("an AVIF", "a.avif", isoMedia("avif"), "image/avif"),
	good("a TIFF", "scan.tif", tiff, "image/tiff"),
	good("a PDF", "invoice.pdf", binaryPdf, "application/pdf"),
	good("a PDF of letters alone", "invoice.pdf", pdf, "application/pdf"),
	good(
		"a ZIP",
		"logs.zip",
		zip({ "mail.log": log, "a/b": "c" }),
		"application/zip",
	),
	good(
		"a ZIP with a comment and a web page in it",
		"site.zip",
		zip({ "index.html": "<html></html>" }, { comment: "of yesterday" }),
		"application/zip",
	),
	good("text", "note.txt", "Hello, it does not work.\r\n", "text/plain"),
	good("text in Swedish, UTF-8", "å.txt", "Det går inte. 🦓\n", "text/plain"),
	good(
		"text in Swedish, Latin-1",
		"a.txt",
		Buffer.from("Det går inte.\n", "latin1"),
		"text/plain",
	),
	good("text in UTF-16", "win.log", utf16(log), "text/plain"),
	good("text with a byte order mark", "a.txt", "\ufeffHello", "text/plain"),
	good("a coloured log", "mail.log", log.repeat(2_000), "text/plain"),
	good(
		"syslog, which begins with a bracket",
		"sys.log",
		"<34>1 2026-11-20 x\n",
		"text/plain",
	),
	good(
		"an address in brackets",
		"a.txt",
		"<ada@example.com> wrote:\n",
		"text/plain",
	),
	good(
		"text that begins like a bitmap",
		"a.txt",
		"BMW is a car.\n",
		"text/plain",
	),
	good(
		"text that speaks of HTML",
		"a.txt",
		"It shows <html> to me.\n",
		"text/plain",
	),
	good("a table", "table.csv", "a;b\n1;2\n", "text/csv"),
	good("JSON", "answer.json", '{"a": [1, null]}\n', "application/json"),
	good(
		"an e-mail with HTML in it",
		"mail.eml",
		"Received: from x\r\nContent-Type: text/html\r\n\r\n<html><script>1</script></html>\r\n",
		"message/rfc822",
	),
	good(
		"text that is called JSON",
		"a.json",
		"not at all",
		"text/plain",
		"a.json.txt",
	),
	good(
		"text that is called an e-mail",
		"a.eml",
		"Hello there\n",
		"text/plain",
		"a.eml.txt",
	),
	good(
		"a configuration",
		"nginx.conf",
		"server { }\n",
		"text/plain",
		"nginx.conf.txt",
	),
	good(
		"text that is called a picture",
		"a.png",
		"no picture",
		"text/plain",
		"a.png.txt",
	),
	good(
		"a picture that is called text",
		"a.txt",
		png(),
		"image/png",
		"a.txt.png",
	),
	good(
		"a file without an ending",
		"README",
		"Read me.",
		"text/plain",
		"README.txt",
	),
];

const bad = (
	what: string,
	name: string,
	bytes: Buffer | string,
): SampleFile => ({
	what,
	name,
	bytes: Buffer.from(bytes),
});

const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
const page = "<!DOCTYPE html><html><script>alert(1)</script></html>";
const elf = Buffer.concat([
	Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
	Buffer.alloc(56),
]);
const exe = Buffer.concat([
	Buffer.from("MZ\x90\0\x03\0\0\0\x04\0\0\0", "latin1"),
	Buffer.alloc(200),
]);
const jar = zip({ "META-INF/MANIFEST.MF": "Main-Class: A", "A.class": "x" });

/** Each is refused, whatever it is called. */
export const hostileFiles: readonly SampleFile[] = [
	bad("nothing", "a.txt", ""),
	bad("a web page", "a.txt", page),
	bad("a web page behind blanks", "a.txt", ` \r\n\t${page}`),
	bad("a web page behind a byte order mark", "a.txt", `\ufeff${page}`),
	bad("a web page in UTF-16", "a.txt", utf16(page)),
	bad("a web page behind a comment", "a.txt", `<!-- x -->${page}`),
	bad("a bit of a web page", "a.csv", "<img src=x onerror=alert(1)>"),
	bad("an SVG", "a.png", svg),
	bad("an SVG behind a declaration", "a.txt", `<?xml version="1.0"?>${svg}`),
	bad("PHP", "a.txt", "<?php system($_GET[0]); ?>"),
	bad("a web page by its name", "a.html", "hello"),
	bad("an SVG by its name", "a.svg", "hello"),
	bad("a script by its name", "a.txt.js", "alert(1)"),
	bad("a program by its name", "invoice.pdf.exe", pdf),
	bad("a batch file behind a turned direction", "a\u202Etxt.bat", "echo"),
	bad("a program of Windows", "a.txt", exe),
	bad("a program of Linux", "a.png", elf),
	bad("a script of a shell", "a.txt", "#!/bin/sh\nrm -rf /\n"),
	bad(
		"a class of Java",
		"a.zip",
		Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52]),
	),
	bad("WebAssembly", "a.txt", Buffer.from("\0asm\x01\0\0\0", "latin1")),
	bad("a JAR", "a.zip", jar),
	bad(
		"a JAR with its manifest at the end",
		"a.zip",
		zip({
			...Object.fromEntries(
				Array.from({ length: 60 }, (_, i) => [`${i}.txt`, `${i}`.repeat(200)]),
			),
			"META-INF/MANIFEST.MF": "Main-Class: A",
		}),
	),
	bad(
		"a document of Office",
		"a.zip",
		zip({ "[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>" }),
	),
	bad("a picture that is a JAR, too", "a.gif", Buffer.concat([gif, jar])),
	bad(
		"a picture with a ZIP behind it",
		"a.png",
		Buffer.concat([png(), zip({ a: "b" })]),
	),
	bad(
		"a PDF with a ZIP behind it",
		"a.pdf",
		Buffer.concat([binaryPdf, zip({ a: "b" })]),
	),
	bad(
		"a ZIP with a program in front",
		"a.zip",
		zip({ a: "b" }, { prefix: exe }),
	),
	bad(
		"a ZIP with something behind it",
		"a.zip",
		Buffer.concat([zip({ a: "b" }), Buffer.from(page)]),
	),
	bad(
		"a ZIP that is cut off",
		"a.zip",
		zip({ a: "b".repeat(900) }).subarray(0, -30),
	),
	bad(
		"a picture with a script in its text",
		"a.png",
		png([["tEXt", Buffer.from("a\0<script>alert(1)</script>")]]),
	),
	bad(
		"a picture with PHP behind it",
		"a.jpg",
		Buffer.concat([jpeg, Buffer.from("<?php phpinfo(); ?>")]),
	),
	bad(
		"a picture with a web page far behind",
		"a.gif",
		Buffer.concat([gif, Buffer.alloc(300_000, 1), Buffer.from(page)]),
	),
	bad(
		"a picture with an SVG in it",
		"a.webp",
		Buffer.concat([webp, Buffer.from(svg)]),
	),
	bad(
		"letters that pass for a picture",
		"a.gif",
		"GIF89a/*<svg/onload=alert(1)>*/=1;",
	),
	bad(
		"a PDF that is a web page, too",
		"a.pdf",
		Buffer.concat([
			pdf.subarray(0, 9),
			Buffer.from(`<script>x</script>`),
			pdf.subarray(9),
		]),
	),
	bad("Rich Text", "a.txt", "{\\rtf1\\ansi hello}"),
	bad("PostScript", "a.txt", "%!PS-Adobe-3.0\nshowpage\n"),
	bad(
		"noise",
		"a.txt",
		Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 37) % 256)),
	),
	bad("text with NUL in it", "a.txt", "a\0b"),
	bad(
		"UTF-16 that is broken",
		"a.txt",
		Buffer.concat([utf16("ab"), Buffer.from([0, 0xd8])]),
	),
	bad("a film", "a.mp4", isoMedia("isom")),
	bad("gzip", "a.gz", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2])),
	bad(
		"a bitmap",
		"a.bmp",
		Buffer.concat([Buffer.from("BM"), Buffer.alloc(100)]),
	),
];

/** A ZIP whose content would be a thousand times its size; taken like any other, since nobody here unpacks it. */
export function zipBomb(): Buffer {
	return zip({ "zeros.txt": Buffer.alloc(64 * 1024 * 1024) });
}
