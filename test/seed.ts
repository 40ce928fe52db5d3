/**
 * The seed of the random input of a test file, printed as it begins. Set FAST_CHECK_SEED to run with the same input again.
 */
const { FAST_CHECK_SEED: given = Math.trunc(Math.random() * 2 ** 31) } =
	process.env;

export const seed = Number(given);
process.stdout.write(`FAST_CHECK_SEED=${seed}\n`);
