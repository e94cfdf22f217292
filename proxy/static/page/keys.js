/**
 * The keys of the page; its dialog lists them.
 * @module
 */

import { byId } from "./dom.js";
import { recall, remember } from "./storage.js";

/** @import { Announcer } from "./announcer.js" */
/** @import { EventView } from "./event-view.js" */

const KEYS_OFF = "session-events.keys-off";

/**
 * @param {{view: EventView, announcer: Announcer, togglePause: () => void, toggleTimes: () => void,
 *   loadOlder: () => void}} page
 */
export function listenToKeys({ view, announcer, togglePause, toggleTimes, loadOlder }) {
  const dialog = byId("keys", HTMLDialogElement);
  const letters = byId("use-keys", HTMLInputElement);
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
    c: async () => announcer.say(await view.copyActive()),
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
    if (!(key in inList)) return letters.checked ? ofOneLetter[key] : undefined;
    // A text that scrolls in itself, and whatever stands elsewhere, keeps the keys that it knows.
    const isListed = target === document.body || (target.closest(".events") && !target.closest("pre"));
    return isListed ? inList[key] : undefined;
  }
}
