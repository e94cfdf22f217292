/**
 * The page of one session: follows what its address asks for, and shows what the poller tells.
 * @module
 */

import { EventsError, EventsPoller } from "../poller/events-poller.js";
import { eventOfAddress, filterOfAddress, keepEvent, pushFilter, unknownInAddress } from "./address.js";
import { Announcer } from "./announcer.js";
import { announcement } from "./connection.js";
import { listenToControls, setWrap } from "./controls.js";
import { showConnection, showLimit, showNotice, showProgress, showSteps, showSummary, showTimes } from "./display.js";
import { byId } from "./dom.js";
import { EventView } from "./event-view.js";
import { FindBar } from "./find-bar.js";
import { showHead, showId } from "./head.js";
import { Jumps } from "./jumps.js";
import { listenToKeys } from "./keys.js";
import { countLevels } from "./levels.js";
import { Notes } from "./notes.js";
import { rememberSession } from "./sessions.js";
import { PageState, USUAL_LIMIT } from "./state.js";
import { STEP_TYPES } from "./steps.js";
import { StepsView } from "./steps-view.js";
import { recall, remember } from "./storage.js";
import { summary } from "./summary.js";
import { counted, oneLine } from "./text.js";
import { TypeFilter } from "./type-filter.js";

/** @import { SessionEvent, State } from "../poller/events-poller.js" */
/** @import { Filter } from "./address.js" */
/** @import { TimeMode } from "./times.js" */

const RECENT_MILLISECONDS = 600_000;
const TIME_MODE = "session-events.times";
const BUSY_MILLISECONDS = 250;
/** @type {TimeMode[]} */
const MODES = ["relative", "local", "utc"];

/** @type {ReturnType<typeof setTimeout> | undefined} */
let drawing;
const state = new PageState(makePoller, drawSoon);
const announcer = new Announcer(byId("announcer", HTMLElement));
const notes = new Notes(byId("notes", HTMLElement));
const view = new EventView(byId("events", HTMLElement), byId("new-events", HTMLButtonElement), {
  rowView: () => ({
    mode: state.mode,
    now: state.now,
    day: state.day,
    find: state.finder.pattern,
    step: (event) => state.steps.name(event.step_id),
    toggleWrap: () => setWrap(!document.body.classList.contains("wraps")),
  }),
  loadOlder: () => void loadOlder(),
  opened: keepEvent,
});
const types = new TypeFilter(byId("types", HTMLElement), byId("type-list", HTMLElement), toggleType);
const stepsView = new StepsView(byId("step-list", HTMLElement), toggleStep);
const findBar = new FindBar(state, view, draw);
const jumps = new Jumps(state, view, notes, { draw, showAll: () => choose({ ...state.filter, types: [], step: "" }) });

/** @param {PageState} of */
function makePoller({ apiKey, filter, url }) {
  /** @type {EventsPoller} */
  const made = new EventsPoller({
    url,
    limit: filter.limit || USUAL_LIMIT,
    apiKey: apiKey || undefined,
    onEvents: (events, from) => made === state.poller && addEvents(events, from),
    onChanged: (events) => made === state.poller && changeEvents(events),
    onState: (entered) => made === state.poller && enter(entered),
  });
  return made;
}

/**
 * @param {SessionEvent[]} events
 * @param {"newest" | "poll" | "older"} from
 */
function addEvents(events, from) {
  state.steps.add(events);
  const shown = events.filter((event) => state.isShown(event));
  if (from === "newest") chooseTimes(events[0]);
  if (from !== "older") state.fresh += shown.length;
  if (from === "poll") {
    state.counts.see(events);
    announcer.add(shown.length, countLevels(shown).error);
  } else if (from === "older" && !state.loader.purpose)
    announcer.say(`${counted(shown.length, "older event")} loaded.`);
  drawSoon();
}

/** @param {SessionEvent[]} events */
function changeEvents(events) {
  state.steps.add(events);
  // They may be of another type now, and fewer of the one before.
  state.counts.forget();
  drawSoon();
}

/**
 * Unless the reader has said which, relative times where something has just happened: "3 h ago" on each line tells
 * little.
 * @param {SessionEvent} newest
 */
function chooseTimes(newest) {
  const chosen = MODES.find((mode) => mode === recall("localStorage", TIME_MODE));
  const isRecent = state.now - Date.parse(newest.timestamp) < RECENT_MILLISECONDS;
  state.mode = chosen ?? (isRecent ? "relative" : "local");
}

/** @param {State} entered */
function enter(entered) {
  const before = state.enter(entered);
  if (entered.name === "live") {
    view.eager = true;
    if (before.name === "retrying") view.sayOlder("");
    if (state.poller.session) rememberSession(state.sessionId, state.poller.session);
    void walk();
  }
  const isLoaded = before.name === "loading" && state.poller.loaded;
  announcer.say(announcement(entered, before) || (isLoaded ? summary(state) : ""));
  draw();
  showNotice(state);
  if (isLoaded) followAddress();
}

/** Begins the walks that the filter, and the steps of a past that is not loaded, need. */
async function walk() {
  const { source, poller } = state;
  try {
    await source.begin();
    if (source === state.source) view.sayOlder("");
    drawSoon();
    if (poller.remaining === 0 || state.stepsAreWalked) return;
    for (const type of STEP_TYPES) {
      await source.walk(type).rest();
      if (source === state.source) state.steps.add(source.walk(type).events.filter(({ id }) => !poller.get(id)));
    }
    state.stepsAreWalked = source === state.source;
    drawSoon();
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    if (source === state.source) view.sayOlder(oneLine(error.message, 300));
  }
}

/** Shows what the address names beside its filter. */
function followAddress() {
  const unknown = unknownInAddress().map((name) => oneLine(name, 40));
  if (unknown.length > 0)
    notes.show("address", `This page does not know, and ignores, of its address: ${unknown.join(", ")}.`);
  const event = eventOfAddress();
  if (event) void jumps.toLinked(event);
  else if (state.filter.step) void jumps.toStep(state.filter.step);
}

/**
 * Shows what another filter leaves.
 * @param {Filter} filter
 * @param {boolean} [isNew] whether it is not in the browser's history
 */
function choose(filter, isNew = true) {
  const event = eventOfAddress();
  const otherLimit = filter.limit !== state.filter.limit;
  state.filter = filter;
  if (isNew) pushFilter(filter);
  state.loader.stop();
  notes.hide("jump");
  view.clear();
  if (otherLimit) state.startAgain();
  state.source.select(filter);
  state.fresh = 0;
  draw();
  if (otherLimit) state.poller.start();
  else void walk();
  if (isNew) keepEvent(event);
  if (event && !otherLimit) void jumps.toLinked(event);
  else if (filter.step && !otherLimit) void jumps.toStep(filter.step);
}

/** @param {string} type empty: all */
function toggleType(type) {
  const { types: chosen } = state.filter;
  const others = chosen.filter((other) => other !== type);
  const now = others.length < chosen.length ? others : [...chosen, type];
  choose({ ...state.filter, types: type ? now : [] });
}

/** @param {string} id */
function toggleStep(id) {
  choose({ ...state.filter, step: id === state.filter.step ? "" : id });
}

async function loadOlder() {
  const { source, loader } = state;
  if (source.shown.remaining === 0 || loader.purpose) return;
  view.sayOlder("Loading…");
  try {
    await source.loadOlder();
    view.eager = true;
    if (source === state.source) view.sayOlder("");
    drawSoon();
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    view.eager = false;
    if (source === state.source) view.sayOlder(error.message);
  }
}

function togglePause() {
  if (state.connection.name === "stopped") return;
  if (state.connection.name === "paused") state.poller.start();
  else state.poller.pause();
}

/** @param {TimeMode} [mode] the next one unless told */
function changeTimes(mode) {
  state.mode = mode ?? MODES[(MODES.indexOf(state.mode) + 1) % MODES.length];
  remember("localStorage", TIME_MODE, state.mode);
  draw();
}

/** Draws what has changed, not for each change. */
function drawSoon() {
  drawing ??= setTimeout(draw, state.loader.purpose ? BUSY_MILLISECONDS : 0);
}

function draw() {
  clearTimeout(drawing);
  drawing = undefined;
  const { counts, filter, finder, fresh, poller, source } = state;
  const { shown } = source;
  finder.update(shown.events);
  state.fresh = 0;
  showTimes(state);
  view.show(shown, fresh);
  const all = { number: poller.events.length + poller.remaining, exact: poller.loaded };
  types.show(counts.loaded.keys(), filter.types, (type) => counts.of(type), all);
  byId("type-menu-label", HTMLElement).textContent = `Types ${counts.loaded.size || ""}`;
  showLimit(state);
  findBar.show();
  showProgress(state);
  tick();
  showSummary(state);
}

/** Each second: times that grow, the time to the next attempt, numbers that may have changed. */
function tick() {
  view.refresh();
  showHead(state);
  showSteps(state, stepsView);
  showConnection(state);
  if (state.connection.name !== "live") return;
  const isOpen = byId("type-menu", HTMLDetailsElement).open;
  void state.counts.ask(isOpen ? state.counts.loaded.keys() : types.chips);
}

showId(state);
listenToControls(state, { choose, changeTimes, draw, jumps, toggleType, toggleStep, togglePause, view });
listenToKeys({
  view,
  findBar,
  say: (text) => announcer.say(text),
  toError: (direction) => void jumps.toError(direction),
  togglePause,
  changeTimes,
  loadOlder: () => void loadOlder(),
});
addEventListener("popstate", () => {
  const filter = filterOfAddress();
  if (JSON.stringify(filter) !== JSON.stringify(state.filter)) choose(filter, false);
});
addEventListener("hashchange", () => eventOfAddress() && void jumps.toLinked(eventOfAddress()));
draw();
state.poller.start();
setInterval(tick, 1000);
