/**
 * The page of one session: makes a poller for what the address asks for, and shows what it tells.
 * @module
 */

import { EventsError, EventsPoller } from "../poller/events-poller.js";
import { Announcer } from "./announcer.js";
import { announcement, connectionText, isActive, notice } from "./connection.js";
import { byId, copyAndSay, recall, remember } from "./dom.js";
import { levelOf } from "./event-row.js";
import { EventView } from "./event-view.js";
import { listenToKeys } from "./keys.js";
import { API_KEY, eventsUrl, rememberSession } from "./sessions.js";
import { drawSteps, isRunning, Steps } from "./steps.js";
import { count, counted, oneLine, timeZone } from "./text.js";
import { TypeChoices } from "./type-choices.js";

/** @import { SessionEvent, State } from "../poller/events-poller.js" */

const STEP_SECONDS = 15;
const RECENT_MILLISECONDS = 600_000;
const TIME_MODE = "session-events.times";

const sessionId = decoded(location.pathname.split("/")[2] ?? "");
const url = eventsUrl(sessionId);
const query = readQuery();

const pauseButton = byId("pause", HTMLButtonElement);
const stepPanel = byId("steps", HTMLDetailsElement);
const announcer = new Announcer(byId("announcer", HTMLElement));
const steps = new Steps();
const view = new EventView(byId("events", HTMLElement), byId("new-events", HTMLButtonElement), {
  step: (event) => steps.label(event.step_id),
  loadOlder: () => void loadOlder(),
});
const choices = new TypeChoices(byId("types", HTMLElement), byId("type-options", HTMLElement), chooseType);

let apiKey = recall("sessionStorage", API_KEY);
let levels = { error: 0, warning: 0 };
/** @type {State} */
let state = { name: "loading" };
let stateBegan = performance.now();
/** Whether the session may still write; it stays as it was while the connection fails. */
let active = true;
let stepsAreFollowed = false;

// The steps have pollers of their own: the page may be filtered, and their events may be far in the past.
const stepPollers = ["step_started", "step_completed"].map(
  (eventType) => new EventsPoller({ url, eventType, limit: 1000, leastSeconds: STEP_SECONDS, onEvents: addSteps }),
);
let poller = makePoller();

function makePoller() {
  /** @type {EventsPoller} */
  const made = new EventsPoller({
    url,
    eventType: query.type || undefined,
    limit: query.limit || undefined,
    apiKey: apiKey || undefined,
    onEvents: (events, from) => made === poller && addEvents(events, from),
    onState: (entered) => made === poller && enter(entered),
  });
  return made;
}

/** Starts anew with what `query` asks for. */
function restart() {
  const before = poller;
  poller = makePoller();
  before.pause();
  levels = { error: 0, warning: 0 };
  view.clear();
  writeQuery();
  showQuery();
  poller.start();
}

/**
 * @param {SessionEvent[]} events
 * @param {"newest" | "poll" | "older"} from
 */
function addEvents(events, from) {
  let errors = 0;
  for (const { event_type: type } of events) {
    const level = levelOf(type);
    if (level === "error") errors += 1;
    if (level === "warning") levels.warning += 1;
  }
  levels.error += errors;
  if (from === "newest") chooseTimes(events[0]);
  choices.see(new Set(events.map((event) => event.event_type)));
  addSteps(events);
  view.show(poller, from === "older" ? 0 : events.length);
  showSummary();
  if (from === "poll") announcer.add(events.length, errors);
  else if (from === "older") announcer.say(`${counted(events.length, "older event")} loaded.`);
}

/**
 * Unless the reader has said which, relative times where something has just happened: "3 h ago" on each line tells
 * little.
 * @param {SessionEvent} newest
 */
function chooseTimes(newest) {
  const chosen = recall("localStorage", TIME_MODE);
  view.relative = chosen ? chosen === "relative" : Date.now() - Date.parse(newest.timestamp) < RECENT_MILLISECONDS;
  showTimes();
}

/** @param {readonly SessionEvent[]} events */
function addSteps(events) {
  steps.add(events);
  showSteps();
  view.refresh();
}

/** @param {State} entered */
function enter(entered) {
  const before = state;
  state = entered;
  stateBegan = performance.now();
  if (state.name === "live") active = isActive(state);
  if (state.name === "live" && before.name !== "live") {
    rememberSession(sessionId);
    view.eager = true;
  }
  if (state.name === "live") followSteps(true);
  if (state.name === "paused" || state.name === "stopped") followSteps(false);
  announcer.say(announcement(state, before) || (before.name === "loading" && poller.loaded ? summary() : ""));
  showConnection();
  showNotice();
  showSummary();
}

/** @param {boolean} follow whether what they are is asked for, with the key that is now in use */
function followSteps(follow) {
  if (follow === stepsAreFollowed) return;
  stepsAreFollowed = follow;
  for (const stepPoller of stepPollers) {
    stepPoller.apiKey = poller.apiKey;
    if (follow) stepPoller.start();
    else stepPoller.pause();
  }
}

async function loadOlder() {
  if (poller.remaining === 0) return;
  const asked = poller;
  view.sayOlder("Loading…");
  try {
    await asked.loadOlder();
    view.eager = true;
    view.sayOlder("");
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    view.eager = false;
    if (asked === poller) view.sayOlder(error.message);
  }
}

/** @param {string} type empty: all */
function chooseType(type) {
  query.type = type;
  restart();
}

function togglePause() {
  if (pauseButton.disabled) return;
  if (state.name === "paused") poller.start();
  else poller.pause();
}

function toggleTimes() {
  view.relative = !view.relative;
  remember("localStorage", TIME_MODE, view.relative ? "relative" : "absolute");
  showTimes();
}

/** @param {string} key empty: none */
function useKey(key) {
  apiKey = key;
  remember("sessionStorage", API_KEY, key);
  poller.apiKey = key || undefined;
  poller.start();
}

function showConnection() {
  const since = (performance.now() - stateBegan) / 1000;
  const box = byId("connection", HTMLElement);
  box.dataset.state = state.name === "live" && !active ? "ended" : state.name;
  const text = connectionText(state, since);
  const words = byId("connection-text", HTMLElement);
  if (words.textContent !== text) words.textContent = text;
  words.title = text;
  byId("retry", HTMLElement).hidden = state.name !== "retrying";
  pauseButton.textContent = state.name === "paused" ? "Resume" : "Pause";
  pauseButton.disabled = state.name === "stopped";
  byId("forget-key", HTMLElement).hidden = !apiKey;
}

function showNotice() {
  const told = notice(state, Boolean(apiKey));
  const box = byId("notice", HTMLElement);
  const wasHidden = box.hidden;
  box.hidden = !told;
  if (!told) return;
  byId("notice-title", HTMLElement).textContent = told.title;
  byId("notice-text", HTMLElement).textContent = oneLine(told.text, 1000);
  byId("key-form", HTMLElement).hidden = !told.asksForKey;
  byId("again", HTMLElement).hidden = told.asksForKey;
  byId("without-filter", HTMLElement).hidden = told.asksForKey || !(query.type || query.limit);
  const key = byId("key", HTMLInputElement);
  if (told.asksForKey && (wasHidden || document.activeElement === key)) {
    key.value = "";
    key.focus();
  }
}

function showSteps() {
  const all = steps.all();
  byId("no-steps", HTMLElement).hidden = all.length > 0;
  byId("steps-count", HTMLElement).textContent = all.length > 0 ? count(all.length) : "";
  if (all.length > 0) drawSteps(byId("step-list", HTMLElement), all, { active, now: Date.now() });
}

function summary() {
  const shown = poller.events.length;
  const total = poller.joined + poller.remaining;
  const all = poller.remaining > 0 ? `Showing ${count(shown)} of ${counted(total, "event")}` : counted(shown, "event");
  const parts = [all];
  if (levels.error > 0) parts.push(counted(levels.error, "error"));
  if (levels.warning > 0) parts.push(counted(levels.warning, "warning"));
  return parts.join(" · ");
}

function showSummary() {
  byId("summary", HTMLElement).textContent = poller.loaded ? summary() : "";
  const empty = byId("empty", HTMLElement);
  empty.hidden = !poller.loaded || poller.events.length > 0;
  const of = query.type ? ` of type ${oneLine(query.type, 100)}` : "";
  empty.textContent = active ? `No events${of} yet. They appear here as they are written.` : `No events${of}.`;
}

function showTimes() {
  byId("time-mode", HTMLElement).textContent = view.relative ? "Absolute times" : "Relative times";
  document.body.dataset.times = view.relative ? "relative" : "absolute";
  view.refresh();
}

function showQuery() {
  choices.mark(query.type);
  const select = byId("limit", HTMLSelectElement);
  const limit = query.limit || "100";
  if (![...select.options].some((option) => option.value === limit)) select.add(new Option(limit));
  select.value = limit;
  byId("type", HTMLInputElement).value = "";
  const json = new URLSearchParams();
  if (query.type) json.set("event_type", query.type);
  if (query.limit) json.set("limit", query.limit);
  byId("json", HTMLAnchorElement).href = json.size > 0 ? `${url}?${json}` : url;
}

function readQuery() {
  const given = new URLSearchParams(location.search);
  return { type: given.get("event_type") ?? "", limit: given.get("limit") ?? "" };
}

/** Keeps the filter in the address, so that it can be passed on. */
function writeQuery() {
  const given = new URLSearchParams();
  if (query.type) given.set("event_type", query.type);
  if (query.limit) given.set("limit", query.limit);
  history.replaceState(null, "", given.size > 0 ? `?${given}` : location.pathname);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Each second: times that grow, and the time to the next attempt. */
function tick() {
  view.refresh();
  if (active && state.name !== "paused" && steps.all().some(isRunning)) showSteps();
  showConnection();
}

function listen() {
  pauseButton.addEventListener("click", togglePause);
  byId("retry", HTMLElement).addEventListener("click", () => poller.start());
  byId("again", HTMLElement).addEventListener("click", () => poller.start());
  byId("without-filter", HTMLElement).addEventListener("click", () => {
    query.limit = "";
    chooseType("");
  });
  byId("time-mode", HTMLElement).addEventListener("click", toggleTimes);
  const copyId = byId("copy-id", HTMLElement);
  copyId.addEventListener("click", () => copyAndSay(sessionId, copyId));
  byId("forget-key", HTMLElement).addEventListener("click", () => useKey(""));
  byId("limit", HTMLSelectElement).addEventListener("change", (change) => {
    query.limit = /** @type {HTMLSelectElement} */ (change.currentTarget).value;
    restart();
  });
  byId("type-form", HTMLFormElement).addEventListener("submit", (submit) => {
    submit.preventDefault();
    chooseType(byId("type", HTMLInputElement).value.trim());
  });
  byId("key-form", HTMLFormElement).addEventListener("submit", (submit) => {
    submit.preventDefault();
    useKey(byId("key", HTMLInputElement).value.trim());
  });
  addEventListener("online", () => state.name === "retrying" && poller.start());
  listenToKeys({ view, announcer, togglePause, toggleTimes, loadOlder });
}

byId("session-id", HTMLElement).textContent = oneLine(sessionId, 100);
byId("time-zone", HTMLElement).textContent = timeZone;
document.title = `${oneLine(sessionId, 8)} · Session events`;
stepPanel.open = matchMedia("(min-width: 64rem)").matches;
listen();
showQuery();
showTimes();
poller.start();
setInterval(tick, 1000);
