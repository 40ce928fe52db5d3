import { spawn } from "node:child_process";
import { lstat, mkdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeLibraryLinks, findPostgresBinaries } from "./binaries.ts";
import { serverCommand, shortCommand } from "./command.ts";
import { createTrialHome } from "./trial-postgres.ts";

const tools = {
	setpriv: "/bin/setpriv",
	unshare: "/bin/unshare",
	flock: "/bin/flock",
};
const none = { setpriv: undefined, unshare: undefined, flock: undefined };
const server = { file: "/pg/postgres", args: ["-D", "/data"], pgdata: "/data" };

describe("the command line of PostgreSQL", () => {
	test("asks for the death signal after the user has changed, because the kernel forgets it then", () => {
		const command = serverCommand(
			{ kind: "user-namespace", uid: 7, gid: 8 },
			tools,
			server,
		);
		expect([command.file, ...command.args].join(" ")).toBe(
			"/bin/flock -F -w 10 -E 75 /data /bin/unshare --user --map-user=7 --map-group=8 /bin/setpriv --pdeathsig INT -- /pg/postgres -D /data",
		);
		expect(command).toMatchObject({ lifeline: false });
		expect(command).not.toHaveProperty("uid");
	});

	test("changes to an own user, and only then", () => {
		const command = shortCommand(
			{ kind: "own-user", uid: 7, gid: 8 },
			tools,
			server,
		);
		expect(command).toEqual({
			file: "/bin/setpriv",
			args: ["--pdeathsig", "KILL", "--", "/pg/postgres", "-D", "/data"],
			uid: 7,
			gid: 8,
			lifeline: false,
		});
	});

	test("needs none of the tools", () => {
		const command = shortCommand({ kind: "same-user" }, none, server);
		expect(command).toEqual({
			file: "/pg/postgres",
			args: ["-D", "/data"],
			lifeline: false,
		});
	});

	test("without setpriv, ends the program when our end of its lifeline closes", async () => {
		const program = { file: "/bin/sleep", args: ["60"], pgdata: "/" };
		const command = serverCommand({ kind: "same-user" }, none, program);
		expect(command.lifeline).toBe(true);
		const child = spawn(command.file, command.args, {
			detached: true,
			stdio: ["ignore", "ignore", "ignore", "pipe"],
		});
		const ended = new Promise((resolve) =>
			child.once("exit", (_code, signal) => resolve(signal)),
		);
		child.stdio[3]?.destroy();
		expect(await ended).toBe("SIGINT");
	});
});

describe("the binaries", () => {
	const home = createTrialHome();
	beforeAll(home.create);
	afterAll(home.remove);

	test("say in one line what to do where there are none", async () => {
		await expect(findPostgresBinaries("plan9-mips")).rejects.toMatchObject({
			name: "StartFailure",
			message: expect.stringMatching(
				/no built-in PostgreSQL for this platform \(plan9-mips\).*Set DATABASE_URL/,
			),
		});
	});

	test("get the library links that npm did not make, once, also from two processes at a time", async () => {
		const lib = join(home.path, "native", "lib");
		await mkdir(lib, { recursive: true });
		await writeFile(join(lib, "libx.so.1.2"), "");
		const link = {
			source: "native/lib/libx.so.1.2",
			target: "native/lib/libx.so.1",
		};
		await writeFile(
			join(home.path, "native", "pg-symlinks.json"),
			JSON.stringify([link]),
		);
		await Promise.all([
			completeLibraryLinks(home.path),
			completeLibraryLinks(home.path),
		]);
		expect(await readlink(join(lib, "libx.so.1"))).toBe("libx.so.1.2");
		const before = await lstat(join(lib, "libx.so.1"));
		await completeLibraryLinks(home.path);
		expect((await lstat(join(lib, "libx.so.1"))).ino).toBe(before.ino);
	});
});
