import { useSession } from "../shell/session.ts";
import { useShelf, useShelfName } from "../ui/shelf.ts";
import {
	addFiles,
	chosenFiles,
	putBack,
	readyFiles,
	removeFile,
	resendFile,
	type SentBefore,
} from "./uploads.ts";

/** The files of a draft, and what can be done with them. */
export function useFiles(draft: string) {
	const { headers } = useSession();
	const name = useShelfName(draft);
	const files = useShelf(chosenFiles, name);
	return {
		files,
		ready: readyFiles(files),
		isSending: files.some(({ state }) => state.kind === "sending"),
		add: (more: readonly File[]) => addFiles(name, more, headers),
		resend: (tag: string) => resendFile(name, tag, headers),
		remove: (tag: string) => removeFile(name, tag, headers),
		clear: () => chosenFiles.clear(name),
	};
}

export type Files = ReturnType<typeof useFiles>;

/** Gives a draft back the files of a message that was not sent; those at the places named cannot be had any more. */
export function usePutBack(draft: string) {
	const name = useShelfName(draft);
	return (files: readonly SentBefore[], lost: readonly number[]) =>
		putBack(name, files, lost);
}
