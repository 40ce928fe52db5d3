import { useEffect, useState } from "react";

/**
 * A text that survives a reload, a lost connection and an error: it is kept on this device until it was sent.
 *
 * @param name what it is a draft of, unique on the site
 */
export function useDraft(name: string) {
	const storedAs = `postern-draft ${name}`;
	const [text, setText] = useState(() => read(storedAs));
	useEffect(() => write(storedAs, text), [storedAs, text]);
	return { text, setText, clear: () => setText("") };
}

function read(name: string): string {
	try {
		return localStorage.getItem(name) ?? "";
	} catch {
		// Storage is switched off.
		return "";
	}
}

function write(name: string, text: string): void {
	try {
		if (text === "") localStorage.removeItem(name);
		else localStorage.setItem(name, text);
	} catch {
		// Then the draft lives as long as the page.
	}
}
