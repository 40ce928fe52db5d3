/** The lock of a data folder where there are no abstract sockets: the file `postern.lock` with the holder's pid. */
import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode, StartFailure } from "../start-failure.ts";
import { run } from "./command.ts";
import type {
	DataFolderLock,
	HeldElsewhere,
	LockPurpose,
} from "./data-folder-lock.ts";
import { writeFileDurably } from "./durable-files.ts";
import { type LockHolder, parseHolder } from "./lock-holder.ts";
