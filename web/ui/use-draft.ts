import { useCallback } from "react";
import { Shelf, useShelf, useShelfName } from "./shelf.ts";

const drafts = new Shelf<string>("draft", {
	empty: "",
	toText: (text) => (text === "" ? undefined : text),
	fromText: (text) => text,
});

/**
 * A text that survives a reload, a lost connection and an error: it is kept on this device until it was sent.
 *
 * @param name what it is a draft of, unique among those of an account
 */
export function useDraft(name: string) {
	const fullName = useShelfName(name);
	return {
		text: useShelf(drafts, fullName),
		setText: useCallback(
			(text: string) => drafts.set(fullName, text),
			[fullName],
		),
		clear: () => drafts.clear(fullName),
	};
}
