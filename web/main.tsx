import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

const root = document.getElementById("root");
if (root !== null)
	createRoot(root).render(
		<StrictMode>
			<MantineProvider>Postern</MantineProvider>
		</StrictMode>,
	);
