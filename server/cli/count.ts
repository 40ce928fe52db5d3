/** `1 entry`, `1,200 entries`. */
export function count(value: number, one: string, many = `${one}s`): string {
	return `${value.toLocaleString("en-GB")} ${value === 1 ? one : many}`;
}
