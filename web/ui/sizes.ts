/** `4,2 MB`: how large a file is, as people say it. */
export function sizeOf(bytes: number, language: string): string {
	const isLarge = bytes >= 1_000_000;
	const size = bytes / (isLarge ? 1_000_000 : 1_000);
	return new Intl.NumberFormat(language, {
		style: "unit",
		unit: isLarge ? "megabyte" : "kilobyte",
		maximumFractionDigits: size < 10 ? 1 : 0,
	}).format(Math.max(size, 0.1));
}
