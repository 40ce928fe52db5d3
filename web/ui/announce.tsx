/** What is said to those who do not see it happen (WCAG 2.2, 4.1.3). */
import { useEffect, useState } from "react";

let tell: ((text: string) => void) | undefined;

/** Says it once, when the reader has finished what it is saying. */
export function announce(text: string): void {
	tell?.(text);
}

/** The one place on the page from which it is said. */
export function Announcements() {
	const [said, setSaid] = useState({ text: "", times: 0 });
	useEffect(() => {
		tell = (text) => setSaid(({ times }) => ({ text, times: times + 1 }));
		return () => {
			tell = undefined;
		};
	}, []);
	return (
		<div role="status" className="aloud">
			{/* The same words twice are news twice. */}
			<span key={said.times}>{said.text}</span>
		</div>
	);
}
