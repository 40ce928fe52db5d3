/** Names the tests that failed and passed at a second try, with what they failed of: none of them is forgotten. */
import type { Reporter, TestCase } from "vitest/node";

export class SecondTries implements Reporter {
	readonly #tests: TestCase[] = [];

	onTestCaseResult(test: TestCase): void {
		if (test.diagnostic()?.flaky === true) this.#tests.push(test);
	}

	onTestRunEnd(): void {
		for (const test of this.#tests)
			process.stdout.write(
				`PASSED AT A SECOND TRY ONLY: ${test.module.relativeModuleId} > ${test.fullName}\n${firstTry(test)}\n`,
			);
	}
}

function firstTry(test: TestCase): string {
	const { errors = [] } = test.result();
	const isOurs = (line: string) => !line.includes("/node_modules/");
	return errors
		.flatMap(({ message, stack = "" }) => [message, ...stack.split("\n")])
		.filter(isOurs)
		.map((line) => `  ${line}`)
		.join("\n");
}
