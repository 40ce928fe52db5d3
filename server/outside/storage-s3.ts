/** Files in S3 or in one of the many servers that speak like it. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import {
	DeleteObjectCommand,
	GetObjectCommand,
	HeadObjectCommand,
	ListObjectsV2Command,
	NoSuchKey,
	PutObjectCommand,
	S3Client,
	S3ServiceException,
} from "@aws-sdk/client-s3";
import { isFileKey } from "../kernel/file-key.ts";
import type { FileStorage, StoredFile, StoredName } from "./outside.ts";

export interface S3Settings {
	readonly bucket: string;
	readonly region: string;
	/** Undefined for Amazon's own. */
	readonly endpoint: string | undefined;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	/** What every key begins with: empty, or ending in a slash. */
	readonly prefix: string;
	/** `https://host/bucket/key` instead of `https://bucket.host/key`. */
	readonly isPathStyle: boolean;
	/**
	 * `when-supported` lets the SDK add a checksum of its own behind the bytes. A server that does not know that form stores
	 * it as a part of the file, so it is not the default; the SHA-256 that signs each upload is checked by every server.
	 */
	readonly checksums: "when-required" | "when-supported";
}

const connectMs = 2_000;
/** Without a byte from the server. */
const silenceMs = 10_000;

/** The client opens connections when they are needed, and keeps them; `end` closes them. */
export function createS3Storage(
	settings: S3Settings,
): FileStorage & { end(): void } {
	const client = clientFor(settings);
	const place = (key: string) => {
		if (!isFileKey(key)) throw new Error("a key that we did not make");
		return { Bucket: settings.bucket, Key: `${settings.prefix}${key}` };
	};
	async function put(
		where: ReturnType<typeof place>,
		file: { byteLength: number; sha256: string; body: () => Readable },
		signal: AbortSignal,
	): Promise<void> {
		const command = new PutObjectCommand({
			...where,
			Body: file.body(),
			ContentLength: file.byteLength,
			// What a file is stands in the database; here it is bytes, should anybody ever serve them from here.
			ContentType: "application/octet-stream",
			ContentDisposition: "attachment",
		});
		if (settings.checksums === "when-required")
			signWithDigest(command, file.sha256);
		await client.send(command, { abortSignal: signal });
		const { ContentLength } = await client.send(new HeadObjectCommand(where), {
			abortSignal: signal,
		});
		if (ContentLength !== file.byteLength)
			throw new Error(
				`the storage has ${ContentLength ?? "no"} bytes of ${file.byteLength}; if it adds checksums to files, set POSTERN_S3_CHECKSUMS=when-required`,
			);
	}
	async function remove(
		where: ReturnType<typeof place>,
		signal: AbortSignal,
	): Promise<void> {
		await client.send(new DeleteObjectCommand(where), { abortSignal: signal });
	}
	return {
		async put(key, file, signal) {
			const body = () => createReadStream(file.path);
			await put(place(key), { ...file, body }, signal);
		},
		open: async (key, signal) => openObject(client, place(key), signal),
		remove: async (key, signal) => remove(place(key), signal),
		list: () => listObjects(client, settings),
		async check(signal) {
			const text = `a file of the doctor ${randomUUID()}`;
			const where = {
				Bucket: settings.bucket,
				Key: `${settings.prefix}probe-${randomUUID()}`,
			};
			const probe = {
				byteLength: Buffer.byteLength(text),
				sha256: createHash("sha256").update(text).digest("hex"),
				body: () => Readable.from([Buffer.from(text)]),
			};
			await put(where, probe, signal);
			const read = await openObject(client, where, signal);
			if (read === undefined || (await textOf(read)) !== text)
				throw new Error("what was written does not read back as it was");
			await remove(where, signal);
			return `bucket ${settings.bucket}${settings.prefix && ` below ${settings.prefix}`}`;
		},
		end: () => client.destroy(),
	};
}

function clientFor(settings: S3Settings): S3Client {
	const { region, endpoint, accessKeyId, secretAccessKey } = settings;
	const isPlain = settings.checksums === "when-required";
	return new S3Client({
		region,
		...(endpoint !== undefined && { endpoint }),
		credentials: { accessKeyId, secretAccessKey },
		forcePathStyle: settings.isPathStyle,
		requestChecksumCalculation: isPlain ? "WHEN_REQUIRED" : "WHEN_SUPPORTED",
		responseChecksumValidation: isPlain ? "WHEN_REQUIRED" : "WHEN_SUPPORTED",
		// A body that is streamed cannot be sent twice; whoever asked tries again.
		maxAttempts: 1,
		requestHandler: { connectionTimeout: connectMs, socketTimeout: silenceMs },
		// All that is configured stands in our configuration: nothing from files or variables of the SDK's own.
		ignoreConfiguredEndpointUrls: true,
		useDualstackEndpoint: false,
		useFipsEndpoint: false,
		useArnRegion: false,
		disableMultiregionAccessPoints: true,
		disableS3ExpressSessionAuth: true,
		retryMode: "standard",
		defaultsMode: "standard",
		logger: silent,
	});
}

const silent = {
	trace() {},
	debug() {},
	info() {},
	warn() {},
	error() {},
};

/** The signature then covers the bytes, and the server refuses others (`x-amz-content-sha256`, Signature Version 4). */
function signWithDigest(command: PutObjectCommand, sha256: string): void {
	command.middlewareStack.add(
		(next) => (args) => {
			const { request } = args;
			if (
				typeof request === "object" &&
				request !== null &&
				"headers" in request
			)
				Object.assign(Object(request.headers), {
					"x-amz-content-sha256": sha256,
				});
			return next(args);
		},
		{ step: "build", name: "signWithDigest" },
	);
}

async function openObject(
	client: S3Client,
	where: { readonly Bucket: string; readonly Key: string },
	signal: AbortSignal,
): Promise<StoredFile | undefined> {
	// Of its own, since the signal is for the opening: reading may take as long as the reader does.
	const opening = new AbortController();
	const abort = () => opening.abort(signal.reason);
	signal.throwIfAborted();
	signal.addEventListener("abort", abort, { once: true });
	try {
		const { Body, ContentLength } = await client.send(
			new GetObjectCommand(where),
			{ abortSignal: opening.signal },
		);
		if (!(Body instanceof Readable) || ContentLength === undefined)
			throw new Error("the storage answered without a body");
		return {
			byteLength: ContentLength,
			bytes: Body,
			end: () => void Body.destroy(),
		};
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	} finally {
		signal.removeEventListener("abort", abort);
	}
}

/** A bucket that is not there is no missing file. */
function isMissing(error: unknown): boolean {
	return (
		error instanceof NoSuchKey ||
		(error instanceof S3ServiceException && error.name === "NotFound")
	);
}

async function* listObjects(
	client: S3Client,
	{ bucket, prefix }: S3Settings,
): AsyncGenerator<StoredName> {
	let token: string | undefined;
	do {
		const page = await client.send(
			new ListObjectsV2Command({
				Bucket: bucket,
				Prefix: prefix,
				...(token !== undefined && { ContinuationToken: token }),
			}),
		);
		for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
			const key = Key.slice(prefix.length);
			if (isFileKey(key) && LastModified !== undefined)
				yield { key, byteLength: Size, storedAt: LastModified };
		}
		token = page.NextContinuationToken;
	} while (token !== undefined);
}

async function textOf({ bytes }: StoredFile): Promise<string> {
	const pieces: Uint8Array[] = [];
	for await (const piece of bytes) pieces.push(piece);
	return Buffer.concat(pieces).toString("utf8");
}
