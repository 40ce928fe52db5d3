/** A word for how something stands; the colour says it once more. */
export function State({
	tone,
	children,
}: {
	readonly tone: "ok" | "wait" | "stop" | "plain";
	readonly children: string;
}) {
	return <span className={`state ${tone}`}>{children}</span>;
}
