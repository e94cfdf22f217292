/**
 * What the page of a session knows, and all of it that changes.
 * @module
 */

import { filterOfAddress, sessionIdOfAddress } from "./address.js";
import { countLevels } from "./levels.js";
import { API_KEY, eventsUrl } from "./sessions.js";
import { Steps } from "./steps.js";
import { recall, remember } from "./storage.js";
import { count, counted } from "./text.js";

/** @import { EventsPoller, SessionEvent, State } from "../poller/events-poller.js" */

export class PageState {
  sessionId = sessionIdOfAddress();
  url = eventsUrl(this.sessionId);
  filter = filterOfAddress();
  steps = new Steps();
  stepsAreFollowed = false;
  /** Whether the session may still write; it stays as it was while the connection fails. */
  active = true;
  /** Whether times are shown as "12 s ago". */
  relative = true;
  /** @type {State} */
  connection = { name: "loading" };
  /** @type {EventsPoller} */
  poller;

  #connectionBegan = performance.now();
  #apiKey = recall("sessionStorage", API_KEY);
  /** @type {readonly SessionEvent[]} */
  #counted = [];
  #levels = countLevels([]);

  /** @param {(state: PageState) => EventsPoller} makePoller */
  constructor(makePoller) {
    this.poller = makePoller(this);
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

  /**
   * @param {State} connection
   * @returns {State} the one before
   */
  enter(connection) {
    const before = this.connection;
    this.connection = connection;
    this.#connectionBegan = performance.now();
    if (connection.name === "live") this.active = !this.poller.session?.ended;
    return before;
  }

  /** How many events there are, in words. */
  get summary() {
    const { events, remaining } = this.poller;
    const total = counted(events.length + remaining, "event");
    const { error, warning } = this.#countedLevels(events);
    const parts = [remaining > 0 ? `Showing ${count(events.length)} of ${total}` : total];
    if (error > 0) parts.push(counted(error, "error"));
    if (warning > 0) parts.push(counted(warning, "warning"));
    return parts.join(" · ");
  }

  /** @param {readonly SessionEvent[]} events */
  #countedLevels(events) {
    // There are many, and they are asked for at every poll.
    if (this.#counted !== events) this.#levels = countLevels(events);
    this.#counted = events;
    return this.#levels;
  }
}
