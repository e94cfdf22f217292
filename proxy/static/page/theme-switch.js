/**
 * The choice between light, dark, and what the system says.
 * @module
 */

import { byId } from "./dom.js";
import { recall, remember } from "./storage.js";

const THEME = "session-events.theme";

/** Makes the select `#theme` work; theme.js, which every page has, does the rest. */
export function listenToTheme() {
  const select = byId("theme", HTMLSelectElement);
  select.value = recall("localStorage", THEME) || "auto";
  select.addEventListener("change", () => {
    remember("localStorage", THEME, select.value === "auto" ? "" : select.value);
    dispatchEvent(new Event("theme"));
  });
}
