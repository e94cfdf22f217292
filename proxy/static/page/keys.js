/**
 * The keys of the page; its dialog lists them.
 * @module
 */

import { byId } from "./dom.js";
import { closeMenus } from "./menus.js";
import { recall, remember } from "./storage.js";

/** @import { EventView } from "./event-view.js" */
/** @import { FindBar } from "./find-bar.js" */

const KEYS_OFF = "session-events.keys-off";

/**
 * @typedef {object} Actions
 * @property {EventView} view
 * @property {FindBar} findBar
 * @property {(text: string) => void} say for screen readers
 * @property {(direction: 1 | -1) => void} toError
 * @property {() => void} togglePause
 * @property {() => void} changeTimes
 * @property {() => void} loadOlder
 */

/** @param {Actions} page */
export function listenToKeys({ view, findBar, say, toError, togglePause, changeTimes, loadOlder }) {
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
    c: async () => say(await view.copyActive()),
    e: () => toError(1),
    E: () => toError(-1),
    n: () => findBar.go(1),
    N: () => findBar.go(-1),
    o: loadOlder,
    p: togglePause,
    t: changeTimes,
    "/": () => findBar.open(),
    "?": () => dialog.showModal(),
  };

  letters.checked = recall("localStorage", KEYS_OFF) === "";
  letters.addEventListener("change", () => remember("localStorage", KEYS_OFF, letters.checked ? "" : "off"));
  byId("help", HTMLElement).addEventListener("click", () => {
    closeMenus();
    dialog.showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (dialog.open || event.isComposing) return;
    if (findsText(event)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Escape") return close(target);
    if (target.matches("input, select, textarea")) return;
    const action = actionFor(event.key, target);
    if (!action) return;
    event.preventDefault();
    action();
  });

  /**
   * The browser's keys to find a text, which knows only what is in the document; pressed in the field they are its own.
   * @param {KeyboardEvent} event
   */
  function findsText(event) {
    const isPlain = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (isPlain && key === "f" && !event.shiftKey) {
      if (findBar.open()) event.preventDefault();
      return true;
    }
    if (event.key !== "F3" && !(isPlain && key === "g")) return false;
    event.preventDefault();
    findBar.go(event.shiftKey ? -1 : 1);
    return true;
  }

  /** @param {Element} target */
  function close(target) {
    if (closeMenus()) return;
    if (target.id === "find" && findBar.clear()) return;
    if (target.matches("input, select, textarea") || !(view.closeActive() || findBar.clear())) {
      if (target instanceof HTMLElement) target.blur();
    }
  }

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
