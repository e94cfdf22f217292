/**
 * The choice between light, dark, and what the system says.
 * @module
 */

import { byId } from "./dom.js";
import { recall, remember } from "./storage.js";

const THEME = "session-events.theme";

/** Makes the select `#theme` work. */
export function listenToTheme() {
  const select = byId("theme", HTMLSelectElement);
  select.value = recall("localStorage", THEME) || "auto";
  select.addEventListener("change", () => {
    const chosen = select.value === "auto" ? "" : select.value;
    remember("localStorage", THEME, chosen);
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
  });
}
