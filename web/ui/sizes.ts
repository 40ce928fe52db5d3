const units = ["byte", "kilobyte", "megabyte"] as const;

/** `4,2 MB`: how large a file is, as people say it. */
export function sizeOf(bytes: number, language: string): string {
	const step = bytes < 1_000 ? 0 : bytes < 1_000_000 ? 1 : 2;
	return new Intl.NumberFormat(language, {
		style: "unit",
		unit: units[step] ?? "byte",
		maximumFractionDigits: step === 2 ? 1 : 0,
	}).format(bytes / 1_000 ** step);
}
