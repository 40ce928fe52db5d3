// Before the first paint: the colour scheme that was chosen here, or the one of the system.
(() => {
	let chosen = null;
	try {
		chosen = localStorage.getItem("postern-scheme");
	} catch {
		// Storage is switched off: the system decides.
	}
	const isDark =
		chosen === "dark" ||
		(chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
	document.documentElement.dataset.mantineColorScheme = isDark
		? "dark"
		: "light";
})();
