/**
 * Sets the theme that was chosen in this browser, before anything is drawn; so this is no module, which would be late.
 * Swagger UI goes by the class.
 */
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  function chosen() {
    try {
      return localStorage.getItem("session-events.theme");
    } catch {
      return null; // some browsers keep nothing
    }
  }

  function apply() {
    const theme = chosen();
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    root.classList.toggle("dark-mode", root.dataset.theme ? theme === "dark" : system.matches);
  }

  system.addEventListener("change", apply);
  addEventListener("theme", apply);
  apply();
})();
