/**
 * The page of one session: follows what its address asks for, and shows what the poller tells.
 * @module
 */

import { EventsError, EventsPoller } from "../poller/events-poller.js";
import { eventOfAddress, filterOfAddress, keepEvent, pushFilter, unknownInAddress } from "./address.js";
import { Announcer } from "./announcer.js";
import { announcement } from "./connection.js";
import { listenToControls } from "./controls.js";
import { byId } from "./dom.js";
import { Jumps } from "./jumps.js";
import { listenToKeys } from "./keys.js";
import { countLevels } from "./levels.js";
import { Notes } from "./notes.js";
import { Screen } from "./screen.js";
import { rememberSession } from "./sessions.js";
import { PageState, USUAL_LIMIT } from "./state.js";
import { summary } from "./summary.js";
import { counted, oneLine } from "./text.js";

/** @import { SessionEvent, State } from "../poller/events-poller.js" */
/** @import { Filter } from "./address.js" */

const state = new PageState(makePoller, () => screen.drawSoon());
const announcer = new Announcer(byId("announcer", HTMLElement));
const notes = new Notes(byId("notes", HTMLElement));
const screen = new Screen(state, { loadOlder: () => void loadOlder(), toggleType, toggleStep });
const { view, findBar } = screen;
const jumps = new Jumps(state, view, notes, {
  draw: () => screen.draw(),
  showAll: () => choose({ ...state.filter, types: [], step: "" }),
});

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
  if (from === "newest") state.chooseMode(events[0]);
  if (from !== "older") state.fresh += shown.length;
  if (from === "poll") {
    state.counts.see(events);
    announcer.add(shown.length, countLevels(shown).error);
  }
  if (from === "older" && !state.loader.purpose) announcer.say(`${counted(shown.length, "older event")} loaded.`);
  screen.drawSoon();
}

/** @param {SessionEvent[]} events */
function changeEvents(events) {
  state.steps.add(events);
  // They may be of another type now, and fewer of the one before.
  state.counts.forget();
  screen.drawSoon();
}

/** @param {State} entered */
function enter(entered) {
  const before = state.enter(entered);
  const isLoaded = before.name === "loading" && state.poller.loaded;
  if (entered.name === "live") {
    view.eager = true;
    if (before.name === "retrying") view.sayOlder("");
    if (state.poller.session) rememberSession(state.sessionId, state.poller.session);
    void walk();
  }
  announcer.say(announcement(entered, before) || (isLoaded ? summary(state) : ""));
  screen.draw();
  screen.showNotice();
  if (isLoaded) followAddress();
}

/** Begins the walks that the filter, and the steps of a past that is not loaded, need. */
async function walk() {
  const { source } = state;
  try {
    await source.begin();
    if (source === state.source) view.sayOlder("");
    screen.drawSoon();
    await state.walkSteps();
    screen.drawSoon();
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    if (source === state.source) view.sayOlder(oneLine(error.message, 300));
  }
}

/** Shows what the address names beside its filter. */
function followAddress() {
  const unknown = unknownInAddress().map((name) => oneLine(name, 40));
  const text = `This page does not know, and ignores, of its address: ${unknown.join(", ")}.`;
  if (unknown.length > 0) notes.show("address", text);
  goTo(eventOfAddress(), state.filter.step);
}

/**
 * @param {string} event that is to be opened; empty: none
 * @param {string} step all of whose events are to be shown
 */
function goTo(event, step) {
  if (event) void jumps.toLinked(event);
  else if (step) void jumps.toStep(step);
}

/**
 * Shows what another filter leaves.
 * @param {Filter} filter
 * @param {boolean} [isNew] whether it is not in the browser's history
 */
function choose(filter, isNew = true) {
  const event = eventOfAddress();
  const { active } = view;
  const isOtherLimit = filter.limit !== state.filter.limit;
  state.filter = filter;
  if (isNew) pushFilter(filter);
  if (isNew) keepEvent(event);
  state.loader.stop();
  notes.hide("jump");
  view.clear();
  if (isOtherLimit) state.startAgain();
  state.source.select(filter);
  state.fresh = 0;
  screen.draw();
  if (isOtherLimit) return state.poller.start();
  // Whoever looks at one event goes on to look at it, among others.
  view.goTo(active, false);
  void walk();
  goTo(event, filter.step);
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
    screen.drawSoon();
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

function changeTimes() {
  state.nextMode();
  screen.draw();
}

listenToControls(state, { choose, draw: () => screen.draw(), jumps, toggleType, toggleStep, togglePause, view });
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
addEventListener("hashchange", () => goTo(eventOfAddress(), ""));
screen.draw();
state.poller.start();
setInterval(() => screen.tick(), 1000);
