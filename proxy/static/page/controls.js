/**
 * What the buttons and fields of a session's page do.
 * @module
 */

import { copyAndSay } from "./clipboard.js";
import { byId } from "./dom.js";
import { download } from "./downloads.js";
import { listenToMenus } from "./menus.js";
import { recall, remember } from "./storage.js";
import { listenToTheme } from "./theme-switch.js";

/** @import { Filter } from "./address.js" */
/** @import { EventView } from "./event-view.js" */
/** @import { Jumps } from "./jumps.js" */
/** @import { PageState } from "./state.js" */
/** @import { TimeMode } from "./times.js" */

const UNWRAPPED = "session-events.unwrapped";
const NARROW = "(max-width: 48rem)";
const WITH_STEPS_BESIDE = "(min-width: 64rem)";

/**
 * @typedef {object} Actions
 * @property {(filter: Filter) => void} choose
 * @property {() => void} draw
 * @property {Jumps} jumps
 * @property {(type: string) => void} toggleType
 * @property {(id: string) => void} toggleStep
 * @property {() => void} togglePause
 * @property {EventView} view
 */

/**
 * @param {PageState} state
 * @param {Actions} page
 */
export function listenToControls(state, page) {
  const { choose, jumps } = page;
  onClick("pause", page.togglePause);
  onClick("retry", () => state.poller.start());
  onClick("again", () => state.poller.start());
  onClick("without-filter", () => choose({ types: [], step: "", limit: "" }));
  onClick("copy-id", (button) => copyAndSay(state.sessionId, button));
  onClick("forget-key", () => useKey(state, ""));
  onClick("step-chip", () => page.toggleStep(state.filter.step));
  onClick("load-all", () => jumps.loadAll());
  onClick("find-all", () => jumps.loadAll());
  onClick("stop-loading", () => state.loader.stop());
  onClick("to-error", () => jumps.toError(1));
  onClick("to-newest", () => page.view.toNewest());
  onClick("to-first", () => jumps.toFirst());
  for (const button of document.querySelectorAll("[data-format]")) {
    const format = /** @type {Parameters<typeof download>[1]} */ (button.getAttribute("data-format"));
    button.addEventListener("click", () => download(state.source.shown.events, format, `session-${state.sessionId}`));
  }
  onChange("limit", (limit) => choose({ ...state.filter, limit }));
  onChange("times", (mode) => {
    state.nextMode(/** @type {TimeMode} */ (mode));
    page.draw();
  });
  listenToTypeField(page);
  byId("key-form", HTMLFormElement).addEventListener("submit", (submit) => {
    submit.preventDefault();
    useKey(state, byId("key", HTMLInputElement).value.trim());
  });
  const wrap = byId("wrap", HTMLInputElement);
  wrap.addEventListener("change", () => setWrap(wrap.checked));
  setWrap(recall("localStorage", UNWRAPPED) === "");
  addEventListener("online", () => state.connection.name === "retrying" && state.poller.start());
  listenToMenus();
  listenToTheme();
  listenToWidth();
}

/**
 * Whether long lines of open events are wrapped.
 * @param {boolean} wraps
 */
export function setWrap(wraps) {
  remember("localStorage", UNWRAPPED, wraps ? "" : "unwrapped");
  byId("wrap", HTMLInputElement).checked = wraps;
  document.body.classList.toggle("wraps", wraps);
}

/**
 * @param {PageState} state
 * @param {string} key empty: none
 */
function useKey(state, key) {
  state.apiKey = key;
  state.poller.start();
}

/**
 * The field narrows the list of types, and takes one that is not in it.
 * @param {Actions} page
 */
function listenToTypeField({ toggleType }) {
  const field = byId("type", HTMLInputElement);
  const narrow = () => {
    for (const item of byId("type-list", HTMLElement).children) {
      const type = item instanceof HTMLElement ? (item.dataset.type ?? "") : "";
      item.toggleAttribute("hidden", !type.includes(field.value.trim()));
    }
  };
  field.addEventListener("input", narrow);
  byId("type-menu", HTMLDetailsElement).addEventListener("toggle", ({ currentTarget }) => {
    if (currentTarget instanceof HTMLDetailsElement && currentTarget.open) field.focus();
  });
  byId("type-form", HTMLFormElement).addEventListener("submit", (submit) => {
    submit.preventDefault();
    if (field.value.trim()) toggleType(field.value.trim());
    field.value = "";
    narrow();
  });
}

/** Folds what a narrow screen has no room for. */
function listenToWidth() {
  const narrow = matchMedia(NARROW);
  const fold = () => {
    byId("tools", HTMLDetailsElement).open = !narrow.matches;
    byId("steps", HTMLDetailsElement).open = matchMedia(WITH_STEPS_BESIDE).matches;
  };
  narrow.addEventListener("change", fold);
  fold();
}

/**
 * @param {string} id
 * @param {(button: HTMLElement) => void} act
 */
function onClick(id, act) {
  const button = byId(id, HTMLElement);
  button.addEventListener("click", () => act(button));
}

/**
 * @param {string} id
 * @param {(value: string) => void} act
 */
function onChange(id, act) {
  const select = byId(id, HTMLSelectElement);
  select.addEventListener("change", () => act(select.value));
}
