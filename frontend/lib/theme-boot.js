// A classic script in <head>: the chosen theme must hold before the first paint.
try {
  const chosen = localStorage.getItem("maskwright.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage can be switched off; the system's theme holds then.
}
