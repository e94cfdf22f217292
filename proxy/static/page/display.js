/**
 * Shows on the page of a session what its state says, all but the events themselves.
 * @module
 */

import { withFilter } from "./address.js";
import { connectionText, notice } from "./connection.js";
import { byId } from "./dom.js";
import { drawSteps } from "./steps.js";
import { count, oneLine, timeZone } from "./text.js";

/** @import { PageState } from "./state.js" */

const LIMIT_UNLESS_ASKED = "100";

/**
 * What stays.
 * @param {PageState} state
 */
export function showSession({ sessionId }) {
  byId("session-id", HTMLElement).textContent = oneLine(sessionId, 100);
  byId("time-zone", HTMLElement).textContent = timeZone;
  document.title = `${oneLine(sessionId, 8)} · Session events`;
}

/** @param {PageState} state */
export function showConnection({ active, apiKey, connection, connectionSeconds }) {
  const { name } = connection;
  byId("connection", HTMLElement).dataset.state = name === "live" && !active ? "ended" : name;
  const text = connectionText(connection, connectionSeconds, active);
  const words = byId("connection-text", HTMLElement);
  if (words.textContent !== text) words.textContent = text;
  words.title = text;
  byId("retry", HTMLElement).hidden = name !== "retrying";
  const pause = byId("pause", HTMLButtonElement);
  pause.textContent = name === "paused" ? "Resume" : "Pause";
  pause.disabled = name === "stopped";
  byId("forget-key", HTMLElement).hidden = !apiKey;
}

/** @param {PageState} state */
export function showNotice({ apiKey, connection, filter }) {
  const told = notice(connection, Boolean(apiKey));
  const box = byId("notice", HTMLElement);
  const wasHidden = box.hidden;
  box.hidden = !told;
  if (!told) return;
  byId("notice-title", HTMLElement).textContent = told.title;
  byId("notice-text", HTMLElement).textContent = oneLine(told.text, 1000);
  byId("key-form", HTMLElement).hidden = !told.asksForKey;
  byId("again", HTMLElement).hidden = told.asksForKey;
  byId("without-filter", HTMLElement).hidden = told.asksForKey || !(filter.type || filter.limit);
  const key = byId("key", HTMLInputElement);
  if (told.asksForKey && (wasHidden || document.activeElement === key)) {
    key.value = "";
    key.focus();
  }
}

/** @param {PageState} state */
export function showSteps({ active, steps }) {
  const all = steps.all();
  byId("no-steps", HTMLElement).hidden = all.length > 0;
  byId("steps-count", HTMLElement).textContent = all.length > 0 ? count(all.length) : "";
  if (all.length > 0) drawSteps(byId("step-list", HTMLElement), all, { active, now: Date.now() });
}

/** @param {PageState} state */
export function showSummary({ active, filter, poller, summary }) {
  byId("summary", HTMLElement).textContent = poller.loaded ? summary : "";
  const empty = byId("empty", HTMLElement);
  empty.hidden = !poller.loaded || poller.events.length > 0;
  const of = filter.type ? ` of type ${oneLine(filter.type, 100)}` : "";
  empty.textContent = active ? `No events${of} yet. They appear here as they are written.` : `No events${of}.`;
}

/** @param {PageState} state */
export function showTimes({ relative }) {
  byId("time-mode", HTMLElement).textContent = relative ? "Absolute times" : "Relative times";
  document.body.dataset.times = relative ? "relative" : "absolute";
}

/** @param {PageState} state */
export function showFilter({ filter, url }) {
  const select = byId("limit", HTMLSelectElement);
  const limit = filter.limit || LIMIT_UNLESS_ASKED;
  if (![...select.options].some((option) => option.value === limit)) select.add(new Option(limit));
  select.value = limit;
  byId("type", HTMLInputElement).value = "";
  byId("json", HTMLAnchorElement).href = withFilter(url, filter);
}
