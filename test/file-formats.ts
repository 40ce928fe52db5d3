/** Files of the formats that are looked at, byte by byte, as small as they can be. */
import { crc32, deflateRawSync, deflateSync } from "node:zlib";

/** A ZIP with these entries, compressed. */
export function zip(
	entries: Readonly<Record<string, Buffer | string>>,
	{ prefix = Buffer.alloc(0), comment = "" } = {},
): Buffer {
	const local: Buffer[] = [prefix];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const [name, content] of Object.entries(entries)) {
		const bytes = Buffer.from(content);
		const packed = deflateRawSync(bytes);
		const common = Buffer.alloc(26);
		common.writeUInt16LE(20, 0);
		common.writeUInt16LE(8, 4);
		common.writeUInt32LE(crc32(bytes), 10);
		common.writeUInt32LE(packed.length, 14);
		common.writeUInt32LE(bytes.length, 18);
		common.writeUInt16LE(Buffer.byteLength(name), 22);
		const head = Buffer.concat([
			Buffer.from("PK\x03\x04", "latin1"),
			common,
			Buffer.from(name),
			packed,
		]);
		const entry = Buffer.alloc(46);
		entry.write("PK\x01\x02", 0, "latin1");
		entry.writeUInt16LE(20, 4);
		common.copy(entry, 6);
		entry.writeUInt32LE(offset, 42);
		directory.push(entry, Buffer.from(name));
		local.push(head);
		offset += head.length;
	}
	const listed = Buffer.concat(directory);
	const end = Buffer.alloc(22);
	end.write("PK\x05\x06", 0, "latin1");
	const count = Object.keys(entries).length;
	end.writeUInt16LE(count, 8);
	end.writeUInt16LE(count, 10);
	end.writeUInt32LE(listed.length, 12);
	end.writeUInt32LE(offset, 16);
	end.writeUInt16LE(comment.length, 20);
	return Buffer.concat([...local, listed, end, Buffer.from(comment)]);
}

/** A PNG of one grey pixel a line, with more chunks in front of its data when asked. */
export function png(
	chunks: readonly (readonly [string, Buffer])[] = [],
): Buffer {
	const chunk = (type: string, data: Buffer) => {
		const body = Buffer.concat([Buffer.from(type), data]);
		const frame = Buffer.alloc(8);
		frame.writeUInt32BE(data.length, 0);
		frame.writeUInt32BE(crc32(body), 4);
		return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
	};
	const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
	return Buffer.concat([
		Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
		chunk("IHDR", header),
		...chunks.map(([type, data]) => chunk(type, data)),
		chunk("IDAT", deflateSync(Buffer.from([0, 127]))),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

export const gif = Buffer.from(
	"R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==",
	"base64",
);

/** As far as anybody looks who does not decode it. */
export const jpeg = Buffer.concat([
	Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
	Buffer.from("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", "latin1"),
	Buffer.from([0xff, 0xdb, 0, 67]),
	Buffer.alloc(65, 16),
	Buffer.from([0xff, 0xd9]),
]);

export const isoMedia = (brand: string) =>
	Buffer.concat([
		Buffer.from([0, 0, 0, 24]),
		Buffer.from(`ftyp${brand}\0\0\0\0mif1${brand}`, "latin1"),
		Buffer.alloc(400, 7),
	]);

export const webp = Buffer.concat([
	Buffer.from("RIFF"),
	Buffer.from([36, 0, 0, 0]),
	Buffer.from("WEBPVP8 "),
	Buffer.alloc(28),
]);

export const tiff = Buffer.concat([
	Buffer.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, 1, 0]),
	Buffer.from([0, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0]),
	Buffer.alloc(8),
]);

export const pdf = Buffer.from(
	"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\nxref\n0 3\n0000000000 65535 f \ntrailer<</Size 3/Root 1 0 R>>\nstartxref\n110\n%%EOF\n",
);

export const binaryPdf = Buffer.concat([
	pdf.subarray(0, 9),
	Buffer.from([0x25, 0xe2, 0xe3, 0xcf, 0xd3, 10, 0]),
	pdf.subarray(9),
]);

export const utf16 = (text: string) =>
	Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
