/** How the pages are built: `npm run build` (tools/build-web.ts) calls this. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
	root: import.meta.dirname,
	base: "/support/",
	plugins: [react()],
	build: {
		outDir: "../dist/web",
		emptyOutDir: true,
		// Small files stay files: the content security policy allows no data: scripts or styles.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		// The desk has a page of its own: customers fetch nothing of it.
		rolldownOptions: {
			input: {
				support: `${import.meta.dirname}/index.html`,
				desk: `${import.meta.dirname}/desk.html`,
			},
		},
	},
});
