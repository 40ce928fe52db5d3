/**
 * Where somebody was when their session ended. The address of the page stays as it is; a sign-in that leads away from it, to
 * the panel and back, comes in at the overview, and goes on from there.
 */
const storedAs = "postern-return";

export const returnTo = {
	remember(): void {
		const { pathname, search } = location;
		try {
			sessionStorage.setItem(storedAs, pathname + search);
		} catch {
			// Storage is switched off: then one begins at the overview.
		}
	},
	/** The path, once; undefined when there is none. */
	take(): string | undefined {
		try {
			const path = sessionStorage.getItem(storedAs);
			sessionStorage.removeItem(storedAs);
			return path?.startsWith("/support/") === true ? path : undefined;
		} catch {
			return undefined;
		}
	},
	forget(): void {
		this.take();
	},
};
