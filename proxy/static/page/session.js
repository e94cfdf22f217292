/**
 * The page of one session: follows what its address asks for, and shows what the poller tells.
 * @module
 */

import { EventsError, EventsPoller } from "../poller/events-poller.js";
import { keepInAddress } from "./address.js";
import { Announcer } from "./announcer.js";
import { copyAndSay } from "./clipboard.js";
import { announcement } from "./connection.js";
import { showConnection, showFilter, showNotice, showSession, showSteps, showSummary, showTimes } from "./display.js";
import { byId } from "./dom.js";
import { EventView } from "./event-view.js";
import { listenToKeys } from "./keys.js";
import { countLevels } from "./levels.js";
import { rememberSession } from "./sessions.js";
import { PageState } from "./state.js";
import { isRunning } from "./steps.js";
import { recall, remember } from "./storage.js";
import { counted } from "./text.js";
import { TypeChoices } from "./type-choices.js";

/** @import { SessionEvent, State } from "../poller/events-poller.js" */

const STEP_SECONDS = 15;
const RECENT_MILLISECONDS = 600_000;
const TIME_MODE = "session-events.times";

const state = new PageState(makePoller);
const announcer = new Announcer(byId("announcer", HTMLElement));
const view = new EventView(byId("events", HTMLElement), byId("new-events", HTMLButtonElement), {
  step: (event) => state.steps.label(event.step_id),
  relative: () => state.relative,
  loadOlder: () => void loadOlder(),
});
const choices = new TypeChoices(byId("types", HTMLElement), byId("type-options", HTMLElement), chooseType);
// The steps have pollers of their own: the page may be filtered, and their events may be far in the past.
const stepPollers = ["step_started", "step_completed"].map((eventType) => {
  const { url } = state;
  return new EventsPoller({
    url,
    eventType,
    limit: 1000,
    leastSeconds: STEP_SECONDS,
    onEvents: addSteps,
    onChanged: addSteps,
  });
});

/** @param {PageState} of */
function makePoller({ apiKey, filter, url }) {
  /** @type {EventsPoller} */
  const made = new EventsPoller({
    url,
    eventType: filter.type || undefined,
    limit: filter.limit || undefined,
    apiKey: apiKey || undefined,
    onEvents: (events, from) => made === state.poller && addEvents(events, from),
    onChanged: (events) => made === state.poller && showEvents(events, 0),
    onState: (entered) => made === state.poller && enter(entered),
  });
  return made;
}

/** Starts anew with what the filter asks for. */
function restart() {
  const before = state.poller;
  state.poller = makePoller(state);
  before.pause();
  view.clear();
  keepInAddress(state.filter);
  showFilter(state);
  choices.mark(state.filter.type);
  state.poller.start();
}

/**
 * @param {SessionEvent[]} events
 * @param {"newest" | "poll" | "older"} from
 */
function addEvents(events, from) {
  if (from === "newest") chooseTimes(events[0]);
  showEvents(events, from === "older" ? 0 : events.length);
  if (from === "poll") announcer.add(events.length, countLevels(events).error);
  else if (from === "older") announcer.say(`${counted(events.length, "older event")} loaded.`);
}

/**
 * @param {SessionEvent[]} events that the poller has told, in the list already
 * @param {number} fresh how many of them are new
 */
function showEvents(events, fresh) {
  choices.see(new Set(events.map((event) => event.event_type)));
  addSteps(events);
  view.show(state.poller, fresh);
  showSummary(state);
}

/**
 * Unless the reader has said which, relative times where something has just happened: "3 h ago" on each line tells
 * little.
 * @param {SessionEvent} newest
 */
function chooseTimes(newest) {
  const chosen = recall("localStorage", TIME_MODE);
  state.relative = chosen ? chosen === "relative" : Date.now() - Date.parse(newest.timestamp) < RECENT_MILLISECONDS;
  showTimes(state);
}

/** @param {readonly SessionEvent[]} events */
function addSteps(events) {
  state.steps.add(events);
  showSteps(state);
  view.refresh();
}

/** @param {State} entered */
function enter(entered) {
  const before = state.enter(entered);
  if (entered.name === "live" && before.name !== "live") {
    rememberSession(state.sessionId);
    view.eager = true;
  }
  if (entered.name === "live") followSteps(true);
  if (entered.name === "paused" || entered.name === "stopped") followSteps(false);
  const isLoaded = before.name === "loading" && state.poller.loaded;
  announcer.say(announcement(entered, before) || (isLoaded ? state.summary : ""));
  showConnection(state);
  showNotice(state);
  showSummary(state);
}

/** @param {boolean} follow whether what they are is asked for, with the key that is now in use */
function followSteps(follow) {
  if (follow === state.stepsAreFollowed) return;
  state.stepsAreFollowed = follow;
  for (const stepPoller of stepPollers) {
    stepPoller.apiKey = state.poller.apiKey;
    if (follow) stepPoller.start();
    else stepPoller.pause();
  }
}

async function loadOlder() {
  const { poller } = state;
  if (poller.remaining === 0) return;
  view.sayOlder("Loading…");
  try {
    await poller.loadOlder();
    view.eager = true;
    view.sayOlder("");
    if (poller === state.poller) showEvents([], 0);
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    view.eager = false;
    if (poller === state.poller) view.sayOlder(error.message);
  }
}

/** @param {string} type empty: all */
function chooseType(type) {
  state.filter.type = type;
  restart();
}

function togglePause() {
  if (state.connection.name === "stopped") return;
  if (state.connection.name === "paused") state.poller.start();
  else state.poller.pause();
}

function toggleTimes() {
  state.relative = !state.relative;
  remember("localStorage", TIME_MODE, state.relative ? "relative" : "absolute");
  showTimes(state);
  view.refresh();
}

/** @param {string} key empty: none */
function useKey(key) {
  state.apiKey = key;
  state.poller.start();
}

/** Each second: times that grow, and the time to the next attempt. */
function tick() {
  view.refresh();
  if (state.active && state.connection.name !== "paused" && state.steps.all().some(isRunning)) showSteps(state);
  showConnection(state);
}

function listen() {
  byId("pause", HTMLElement).addEventListener("click", togglePause);
  byId("retry", HTMLElement).addEventListener("click", () => state.poller.start());
  byId("again", HTMLElement).addEventListener("click", () => state.poller.start());
  byId("without-filter", HTMLElement).addEventListener("click", () => {
    state.filter.limit = "";
    chooseType("");
  });
  byId("time-mode", HTMLElement).addEventListener("click", toggleTimes);
  const copyId = byId("copy-id", HTMLElement);
  copyId.addEventListener("click", () => copyAndSay(state.sessionId, copyId));
  byId("forget-key", HTMLElement).addEventListener("click", () => useKey(""));
  byId("limit", HTMLSelectElement).addEventListener("change", (change) => {
    state.filter.limit = /** @type {HTMLSelectElement} */ (change.currentTarget).value;
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
  addEventListener("online", () => state.connection.name === "retrying" && state.poller.start());
  listenToKeys({ view, announcer, togglePause, toggleTimes, loadOlder });
}

showSession(state);
showFilter(state);
choices.mark(state.filter.type);
showTimes(state);
byId("steps", HTMLDetailsElement).open = matchMedia("(min-width: 64rem)").matches;
listen();
state.poller.start();
setInterval(tick, 1000);
