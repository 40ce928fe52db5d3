/** A server that speaks like S3, for a test file: `s3rver`, on loopback, with its files in a temporary folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { S3Settings } from "../server/outside/storage-s3.ts";

/** As much of s3rver as is used here; it comes without types. */
type S3rver = new (
	options: object,
) => {
	run(): Promise<{ readonly port: number }>;
	close(): Promise<void>;
};

const S3rver = createRequire(import.meta.url)("s3rver") as S3rver;

const bucket = "postern-test";

/** The settings of a bucket that is there while the file's tests run. */
export function useS3(): () => S3Settings {
	const directory = mkdtempSync(join(tmpdir(), "postern-s3-"));
	const server = new S3rver({
		address: "127.0.0.1",
		port: 0,
		silent: true,
		directory,
		configureBuckets: [{ name: bucket }],
	});
	let port = 0;
	beforeAll(async () => {
		({ port } = await server.run());
	});
	afterAll(async () => {
		await server.close();
		rmSync(directory, { recursive: true });
	});
	return () => ({
		bucket,
		region: "us-east-1",
		endpoint: `http://127.0.0.1:${port}`,
		// s3rver's own.
		accessKeyId: "S3RVER",
		secretAccessKey: "S3RVER",
		prefix: "attachments/",
		isPathStyle: true,
		checksums: "when-required",
	});
}
