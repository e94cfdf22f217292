/**
 * The keys of the page; its dialog lists them.
 * @module
 */

import { byId, recall, remember } from "./dom.js";

/** @import { EventView } from "./event-view.js" */

const KEYS_OFF = "session-events.keys-off";

/**
 * @param {{view: EventView, togglePause: () => void, toggleTimes: () => void, loadOlder: () => void}} page
 */
export function listenToKeys({ view, togglePause, toggleTimes, loadOlder }) {
  const dialog = byId("keys", HTMLDialogElement);
  const letters = byId("use-keys", HTMLInputElement);
  const announcer = byId("announcer", HTMLElement);
  /** @type {Record<string, () => void>} */
  const inList = {
    ArrowDown: () => view.move(1),
    ArrowUp: () => view.move(-1),
    Home: () => view.toNewest(),
    End: () => view.toOldest(),
  };
  /** @type {Record<string, () => void>} */
  const ofOneLetter = {
    j: () => view.move(1),
    k: () => view.move(-1),
    c: () => view.copyActive(announcer),
    o: loadOlder,
    p: togglePause,
    t: toggleTimes,
    "/": () => byId("type", HTMLInputElement).focus(),
    "?": () => dialog.showModal(),
  };

  letters.checked = recall("localStorage", KEYS_OFF) === "";
  letters.addEventListener("change", () => remember("localStorage", KEYS_OFF, letters.checked ? "" : "off"));
  byId("help", HTMLElement).addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", (event) => {
    if (dialog.open || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Escape") {
      if (!view.closeActive() && target instanceof HTMLElement) target.blur();
      return;
    }
    if (target.matches("input, select, textarea")) return;
    const action = actionFor(event.key, target);
    if (!action) return;
    event.preventDefault();
    action();
  });

  /**
   * @param {string} key
   * @param {Element} target
   */
  function actionFor(key, target) {
    // A text that scrolls in itself, and buttons elsewhere, keep the keys that they know.
    if (key in inList) return target === document.body || target.closest(".events, .line") && !target.closest("pre") ? inList[key] : undefined;
    return letters.checked ? ofOneLetter[key] : undefined;
  }
}
