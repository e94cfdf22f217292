/**
 * What the page of a session knows, and all of it that changes.
 * @module
 */

import { filterOfAddress, sessionIdOfAddress } from "./address.js";
import { Counts } from "./counts.js";
import { Finder } from "./find.js";
import { Loader } from "./loader.js";
import { API_KEY, eventsUrl } from "./sessions.js";
import { Source } from "./source.js";
import { STEP_TYPES, Steps } from "./steps.js";
import { recall, remember } from "./storage.js";
import { clockTime } from "./times.js";

/** @import { EventsPoller, SessionEvent, State } from "../poller/events-poller.js" */
/** @import { TimeMode } from "./times.js" */

/** Events a page unless the address says otherwise: as many as an answer gives, so that most sessions need one. */
export const USUAL_LIMIT = "1000";
const RECENT_MILLISECONDS = 600_000;
const TIME_MODE = "session-events.times";
/** @type {TimeMode[]} */
const MODES = ["relative", "local", "utc"];

export class PageState {
  sessionId = sessionIdOfAddress();
  url = eventsUrl(this.sessionId);
  filter = filterOfAddress();
  steps = new Steps();
  /** Whether the steps of a past that is not loaded were asked for. */
  stepsAreWalked = false;
  finder = new Finder();
  /** @type {TimeMode} */
  mode = "relative";
  /** @type {State} */
  connection = { name: "loading" };
  /** How many events that are shown have come since the page was drawn. */
  fresh = 0;
  /** What the page's follower is; both are made anew where the size of a page changes. */
  poller;
  source;
  counts;
  loader;

  #makePoller;
  #changed;
  #connectionBegan = performance.now();
  #lostAt = 0;
  #apiKey = recall("sessionStorage", API_KEY);

  /**
   * @param {(state: PageState) => EventsPoller} makePoller
   * @param {() => void} changed
   */
  constructor(makePoller, changed) {
    this.#makePoller = makePoller;
    this.#changed = changed;
    this.loader = new Loader(changed);
    this.poller = makePoller(this);
    this.source = this.#makeSource();
    this.counts = this.#makeCounts();
  }

  /** Forgets what was loaded, for what the filter asks for now. */
  startAgain() {
    this.loader.stop();
    this.poller.pause();
    this.poller = this.#makePoller(this);
    this.source = this.#makeSource();
    this.counts = this.#makeCounts();
    this.stepsAreWalked = false;
  }

  /** Empty: none. */
  get apiKey() {
    return this.#apiKey;
  }

  set apiKey(key) {
    this.#apiKey = key;
    remember("sessionStorage", API_KEY, key);
    this.poller.apiKey = key || undefined;
  }

  /** For how many seconds the connection has been as it is. */
  get connectionSeconds() {
    return (performance.now() - this.#connectionBegan) / 1000;
  }

  /** When the server went away, on a clock. */
  get lostAt() {
    const moment = this.now - (performance.now() - this.#lostAt);
    return clockTime(new Date(moment).toISOString(), this.zone).slice("2026-01-13 ".length, -".123".length);
  }

  /** Whether the session may still write; it stays as it was while the connection fails. */
  get active() {
    return !this.poller.session?.ended;
  }

  /** The time by the server's clock. */
  get now() {
    return Date.now() + this.poller.clockAhead;
  }

  /** @returns {"local" | "utc"} */
  get zone() {
    return this.mode === "utc" ? "utc" : "local";
  }

  /** The day on which the session began. */
  get day() {
    const { session } = this.poller;
    return session ? (clockTime(session.created_at, this.zone).split(" ")[0] ?? "") : "";
  }

  /** Whether the filter leaves out anything. */
  get isFiltered() {
    return this.filter.types.length > 0 || this.filter.step !== "";
  }

  /** @param {SessionEvent} event */
  isShown({ event_type: type, step_id: step }) {
    const { types, step: chosen } = this.filter;
    return (types.length === 0 || types.includes(type)) && (!chosen || chosen === step);
  }

  /**
   * @param {State} connection
   * @returns {State} the one before
   */
  enter(connection) {
    const before = this.connection;
    this.connection = connection;
    this.#connectionBegan = performance.now();
    if (connection.name === "retrying" && before.name !== "retrying") this.#lostAt = this.#connectionBegan;
    return before;
  }

  /**
   * Unless the reader has said which, relative times where something has just happened: "3 h ago" on each line tells
   * little.
   * @param {SessionEvent} newest
   */
  chooseMode(newest) {
    const chosen = MODES.find((mode) => mode === recall("localStorage", TIME_MODE));
    const isRecent = this.now - Date.parse(newest.timestamp) < RECENT_MILLISECONDS;
    this.mode = chosen ?? (isRecent ? "relative" : "local");
  }

  /** @param {TimeMode} [mode] that the reader has chosen; the next one unless told */
  nextMode(mode) {
    this.mode = mode ?? MODES[(MODES.indexOf(this.mode) + 1) % MODES.length];
    remember("localStorage", TIME_MODE, this.mode);
  }

  /**
   * Asks for the steps of a past that is not loaded.
   * @throws {EventsError}
   */
  async walkSteps() {
    const { poller, source } = this;
    if (poller.remaining === 0 || this.stepsAreWalked) return;
    for (const type of STEP_TYPES) {
      await source.walk(type).rest();
      if (source !== this.source) return;
      // What the poller has told is newer.
      this.steps.add(source.walk(type).events.filter(({ id }) => !poller.get(id)));
    }
    this.stepsAreWalked = true;
  }

  #makeSource() {
    const made = new Source(this.poller, this.url, this.filter.limit || USUAL_LIMIT, () => this.#apiKey);
    made.select(this.filter);
    return made;
  }

  #makeCounts() {
    return new Counts(this.poller, this.url, () => this.#apiKey, this.#changed);
  }
}
