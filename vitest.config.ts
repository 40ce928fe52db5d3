import { defineConfig } from "vitest/config";
import { SecondTries } from "./test/second-tries.ts";

export default defineConfig({
	test: {
		include: [
			"agent/**/*.test.ts",
			"server/**/*.test.ts",
			"test/**/*.test.ts",
			"web/**/*.test.ts",
		],
		globalSetup: ["test/cluster.ts"],
		// Two cores: one file per core; every file has its own database.
		maxWorkers: 2,
		// Against what hangs. How fast something is, no test says: a machine may be five times slower than another.
		testTimeout: 120_000,
		hookTimeout: 180_000,
		expect: { poll: { timeout: 15_000 } },
		// Here none. CI, whose machines stand still at times, gives one and names whoever needed it; a property has none.
		retry: {
			count: Number(process.env["TEST_RETRIES"] ?? 0),
			condition: /^(?!Property failed)/,
		},
		reporters: ["default", new SecondTries()],
	},
});
