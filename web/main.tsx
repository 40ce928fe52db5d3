/** The pages at `/support`: a client of the API, and nothing more. */
import "./ui/styles.ts";
import { type MantineColorScheme, MantineProvider } from "@mantine/core";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./routes.tsx";
import { quietColours, theme } from "./theme.ts";
import { startWords } from "./words/words.ts";

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

await startWords();
const root = document.getElementById("root");
if (root !== null)
	createRoot(root).render(
		<StrictMode>
			<MantineProvider
				theme={theme}
				cssVariablesResolver={quietColours}
				colorSchemeManager={scheme}
				defaultColorScheme={scheme.get()}
				getStyleNonce={() => nonce}
			>
				<RouterProvider router={router} />
			</MantineProvider>
		</StrictMode>,
	);
