import { encodeQR } from "qr";
import { useMemo } from "react";

/** A text as a QR code, drawn here: it is a secret, and nobody else makes a picture of it. */
export function QrCode({
	text,
	label,
}: {
	readonly text: string;
	readonly label: string;
}) {
	const rows = useMemo(
		() => encodeQR(text, "raw", { ecc: "medium", border: 4 }),
		[text],
	);
	const path = rows
		.flatMap((row, y) =>
			row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])),
		)
		.join("");
	return (
		<svg
			className="qr"
			viewBox={`0 0 ${rows.length} ${rows.length}`}
			shapeRendering="crispEdges"
			role="img"
			aria-label={label}
		>
			<path d={path} />
		</svg>
	);
}
