/**
 * Shows on the page of a session what its state says, all but head and events.
 * @module
 */

import { awayText, connectionText, notice, paceText } from "./connection.js";
import { byId } from "./dom.js";
import { setText } from "./marked.js";
import { USUAL_LIMIT } from "./state.js";
import { emptyText, summary } from "./summary.js";
import { count, oneLine } from "./text.js";
import { timeZone } from "./times.js";

/** @import { PageState } from "./state.js" */
/** @import { StepsView } from "./steps-view.js" */

/** @param {PageState} state */
export function showConnection(state) {
  const { active, apiKey, connection, poller } = state;
  const { name } = connection;
  const waits = poller.session && active && poller.session.status !== "in_progress" ? "waiting" : name;
  const shown = name === "live" ? (active ? waits : "ended") : name;
  byId("connection", HTMLElement).dataset.state = shown;
  document.body.dataset.connection = name;
  document.body.classList.toggle("unread", !poller.session);
  setText(byId("connection-text", HTMLElement), connectionText(connection, poller.session));
  setText(byId("connection-pace", HTMLElement), paceText(connection, poller.session));
  const pause = byId("pause", HTMLButtonElement);
  setText(pause, name === "paused" ? "Go on updating" : "Stop updating");
  pause.disabled = name === "stopped";
  byId("forget-key", HTMLElement).hidden = !apiKey;
  const isAway = name === "retrying" && connection.error !== undefined;
  byId("away", HTMLElement).hidden = !isAway;
  if (!isAway) return;
  const { text, next } = awayText(connection, state.connectionSeconds, state.lostAt);
  setText(byId("away-text", HTMLElement), text);
  setText(byId("away-next", HTMLElement), next);
}

/** @param {PageState} state */
export function showNotice({ apiKey, connection, filter, isFiltered, poller }) {
  const told = notice(connection, Boolean(apiKey), poller.loaded);
  const box = byId("notice", HTMLElement);
  const wasHidden = box.hidden;
  box.hidden = !told;
  if (!told) return;
  byId("notice-title", HTMLElement).textContent = told.title;
  byId("notice-text", HTMLElement).textContent = oneLine(told.text, 1000);
  byId("key-form", HTMLElement).hidden = !told.asksForKey;
  byId("again", HTMLElement).hidden = told.asksForKey;
  byId("without-filter", HTMLElement).hidden = told.asksForKey || !(isFiltered || filter.limit);
  const key = byId("key", HTMLInputElement);
  if (told.asksForKey && (wasHidden || document.activeElement === key)) {
    key.value = "";
    key.focus();
  }
}

/**
 * @param {PageState} state
 * @param {StepsView} view
 */
export function showSteps({ active, filter, now, poller, stepsAreWalked, steps }, view) {
  const all = steps.all();
  // What could not be read may have steps.
  byId("no-steps", HTMLElement).hidden =
    all.length > 0 || !poller.loaded || !(poller.remaining === 0 || stepsAreWalked);
  setText(byId("steps-count", HTMLElement), all.length > 0 ? count(all.length) : "");
  view.show(all, { active, now, chosen: filter.step });
}

/** @param {PageState} state */
export function showSummary(state) {
  const { filter, loader, poller, source, steps } = state;
  const { events, remaining } = source.shown;
  const isLoaded = poller.loaded && source.loaded;
  setText(byId("summary", HTMLElement), isLoaded ? summary(state) : "");
  byId("load-all", HTMLElement).hidden = !isLoaded || remaining === 0 || loader.purpose !== "";
  byId("downloads", HTMLElement).hidden = events.length === 0;
  const empty = byId("empty", HTMLElement);
  empty.hidden = !isLoaded || events.length > 0 || remaining > 0;
  setText(empty, emptyText(state));
  const chip = byId("step-chip", HTMLElement);
  chip.hidden = !filter.step;
  if (filter.step) setText(chip, `Step: ${oneLine(steps.name(filter.step), 60)} ✕`);
}

/** @param {PageState} state */
export function showProgress({ loader, source }) {
  const strip = byId("progress", HTMLElement);
  strip.hidden = loader.purpose === "";
  if (strip.hidden) return;
  const { events, remaining } = source.shown;
  const all = events.length + remaining;
  setText(byId("progress-text", HTMLElement), `${loader.purpose}: ${count(events.length)} of ${count(all)} looked at`);
  const bar = byId("progress-bar", HTMLProgressElement);
  bar.max = Math.max(1, all);
  bar.value = events.length;
}

/** @param {PageState} state */
export function showTimes({ mode }) {
  byId("times", HTMLSelectElement).value = mode;
  document.body.dataset.times = mode;
  setText(byId("time-zone", HTMLElement), mode === "utc" ? "UTC" : timeZone);
}

/** @param {PageState} state */
export function showLimit({ filter }) {
  const select = byId("limit", HTMLSelectElement);
  const limit = filter.limit || USUAL_LIMIT;
  if (![...select.options].some((option) => option.value === limit)) select.add(new Option(limit));
  select.value = limit;
}
