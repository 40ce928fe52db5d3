import { defineConfig } from "vitest/config";

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
		testTimeout: 30_000,
		hookTimeout: 60_000,
		reporters: ["default"],
	},
});
