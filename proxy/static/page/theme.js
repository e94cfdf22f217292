/**
 * Sets the theme that was chosen in this browser, before anything is drawn; so this is no module, which would be late.
 */
try {
  const theme = localStorage.getItem("session-events.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Some browsers keep nothing.
}
