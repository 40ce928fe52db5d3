/** How everything looks: the colours of the documents, system fonts, one radius. */
import {
	type CSSVariablesResolver,
	createTheme,
	type MantineColorsTuple,
} from "@mantine/core";

/** From the lightest to the darkest; on white, 7 has a contrast of 6.6 : 1, on the dark page 3 has 8.4 : 1. */
const gate: MantineColorsTuple = [
	"#eaf3fa",
	"#d3e4f1",
	"#a5c9e4",
	"#7fbbe8",
	"#4f98cd",
	"#3484bd",
	"#2672a8",
	"#1b5d8f",
	"#164e79",
	"#0f3c5e",
];

/** The dark pages: text, quiet text, lines, what stands out, the panel, the page. As the light ones, a little blue. */
const dark: MantineColorsTuple = [
	"#e3e5e8",
	"#c3c7cd",
	"#a9adb4",
	"#838991",
	"#3f454c",
	"#34383e",
	"#262a30",
	"#1d2024",
	"#16181b",
	"#101214",
];

export const theme = createTheme({
	colors: { gate, dark },
	primaryColor: "gate",
	primaryShade: { light: 7, dark: 6 },
	fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
	fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
	defaultRadius: "md",
	headings: {
		fontWeight: "650",
		sizes: {
			h1: { fontSize: "1.55rem", lineHeight: "1.3" },
			h2: { fontSize: "1.35rem", lineHeight: "1.35" },
			h3: { fontSize: "1.1rem", lineHeight: "1.4" },
			h4: { fontSize: "1rem", lineHeight: "1.4" },
		},
	},
	respectReducedMotion: true,
});

/** Quiet text, and what stands in an empty field, still has a contrast of 4.5 : 1 (WCAG 2.2, 1.4.3). */
export const quietColours: CSSVariablesResolver = () => {
	const quiet = (colour: string) => ({
		"--mantine-color-dimmed": colour,
		"--mantine-color-placeholder": colour,
	});
	return {
		variables: {},
		light: { ...quiet("#555c66"), "--mantine-color-text": "#1b1d20" },
		dark: { ...quiet("#a9adb4"), "--mantine-color-text": "#e3e5e8" },
	};
};
