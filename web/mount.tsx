/** Puts a page into the document, with its colours and the styles that our policy lets in. */
import { type MantineColorScheme, MantineProvider } from "@mantine/core";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { quietColours, theme } from "./theme.ts";

/** The styles that the components write into the page are allowed by this, and no others. */
const nonce =
	document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')
		?.content ?? "";

/** Under the name that `scheme.js` reads before the first paint. */
const scheme = {
	get: (): MantineColorScheme =>
		document.documentElement.dataset["mantineColorScheme"] === "dark"
			? "dark"
			: "light",
	set(value: MantineColorScheme) {
		try {
			localStorage.setItem("postern-scheme", value);
		} catch {
			// Then it is forgotten with the page.
		}
	},
	subscribe: () => {},
	unsubscribe: () => {},
	clear: () => {},
};

export function mount(page: ReactNode): void {
	const root = document.getElementById("root");
	if (root === null) return;
	createRoot(root).render(
		<StrictMode>
			<MantineProvider
				theme={theme}
				cssVariablesResolver={quietColours}
				colorSchemeManager={scheme}
				defaultColorScheme={scheme.get()}
				getStyleNonce={() => nonce}
			>
				{page}
			</MantineProvider>
		</StrictMode>,
	);
}
