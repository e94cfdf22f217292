/**
 * Follows the events of one session through `GET /api/v2/sessions/{session_id}/events`: none is lost, none comes twice.
 *
 * Other frontends take a copy of this folder and import this module: its name and what it exports stay as they are, the
 * files beside it may change. It needs nothing else, and runs in browsers and in Node 18 or newer.
 *
 *     import { EventsPoller } from "./events-poller.js";
 *
 *     const poller = new EventsPoller({
 *       url: "http://127.0.0.1:8000/api/v2/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11/events",
 *       onEvents: (events) => events.forEach((event) => console.log(event.timestamp, event.message)),
 *       onState: (state) => console.log(state.name, state.error?.message ?? ""),
 *     });
 *     poller.start();
 *
 * That tells the newest page, then what is new, as often as the server says. `await poller.loadOlder()` tells one page
 * more of the past. `poller.pause()` ends polling; `poller.start()` then goes on without a gap.
 *
 * What it does so that you need not:
 * - It sends the `cursor` of the last walk, which knows what you have not been told, whatever clocks say.
 * - A burst larger than a page: it walks with `next` until there is none.
 * - It drops by `id` what comes twice, and keeps `events` by `timestamp`, then `id`, newest first. An event that was
 *   changed is told again: its newest telling takes the place of the one before.
 * - It waits as `X-Poll-Interval` says; when the server or the network fails, longer each time, at least `Retry-After`.
 * - A cursor that the server no longer knows: it reads again what it had, and keeps what is there.
 * - A page that is too large for one answer: it asks for fewer events at a time.
 *
 * It does not end by itself. `session.ended` says that the session has ended; what is still written to it comes all the
 * same.
 * @module
 */

import { EventsError } from "./errors.js";
import { compareEvents, SessionEvent } from "./event.js";
import { EventList } from "./event-list.js";
import { leftAfter, Place } from "./place.js";
import { fetchPage } from "./transport.js";
import { retrySeconds, sleep } from "./waiting.js";

/** @import { Page, Query, Session } from "./transport.js" */

export { compareEvents, EventsError, fetchPage, SessionEvent };

/**
 * What the poller does now: "loading" the first page; "live", all told, next poll in `seconds`; "behind", `remaining`
 * events of a burst are still to come; "retrying" after `error`, in `seconds`; "paused"; or "stopped" by an `error`
 * that does not pass by itself: call start() again once its cause is gone.
 * @typedef {object} State
 * @property {"loading" | "live" | "behind" | "retrying" | "paused" | "stopped"} name
 * @property {number} [seconds]
 * @property {number} [remaining]
 * @property {EventsError} [error]
 */

/**
 * @typedef {object} Options
 * @property {string} url the session's events, absolute or, in a browser, a path
 * @property {string} [eventType] only events of this type
 * @property {string | number} [limit] events a page, 1 to 1000; 100 unless told
 * @property {string} [apiKey]
 * @property {number} [leastSeconds] poll no more often than this, whatever the server allows
 * @property {(events: SessionEvent[], from: "newest" | "poll" | "older") => void} [onEvents] events that were not there
 *   before, newest first; they are in `events` already
 * @property {(events: SessionEvent[]) => void} [onChanged] events that were there and say something else now; they have
 *   taken the place of their earlier tellings in `events`, where they may have moved
 * @property {(state: State) => void} [onState]
 */

/**
 * The events below `last`, which the first walk has left: `next` asks for them, `left` is their number.
 * @typedef {{last: SessionEvent | undefined, next: string | null, left: number}} Past
 */

/** Follows one session. */
export class EventsPoller {
  /** Whether the first page has come. */
  loaded = false;

  /**
   * The session as it was when the last poll began.
   * @type {Session | undefined}
   */
  session;

  /** By how many milliseconds the server's clock is ahead of this one's, to a second; 0 until it is known. */
  clockAhead = 0;

  /**
   * Sent from the next request on.
   * @type {string | undefined}
   */
  apiKey;

  /** @type {State} */
  state = { name: "paused" };

  #options;
  #list = new EventList();
  #place;
  /** @type {Past} */
  #past = { last: undefined, next: null, left: 0 };
  /** @type {AbortController | undefined} */
  #running;
  /** @type {Promise<void> | undefined} */
  #loadingOlder;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.#place = new Place(options.eventType, options.limit ?? 100);
    this.apiKey = options.apiKey;
  }

  /** All that has been told so far, newest first. */
  get events() {
    return this.#list.all;
  }

  /**
   * One of `events`.
   * @param {string} id
   * @returns {SessionEvent | undefined}
   */
  get(id) {
    return this.#list.get(id);
  }

  /** How many events can be loaded that are older than the first `joined` of `events`. */
  get remaining() {
    return this.#past.left;
  }

  /** How many of `events`, from the newest, have no gap between them. Those below were committed late. */
  get joined() {
    const { last, left } = this.#past;
    if (left === 0 || !last) return this.events.length;
    return this.events.findLastIndex((event) => compareEvents(event, last) <= 0) + 1;
  }

  /** Begins, goes on after pause(), or polls at once instead of waiting. */
  start() {
    this.#running?.abort();
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  /** Ends polling, and a poll under way. The place is kept: start() goes on from it. */
  pause() {
    this.#running?.abort();
    this.#running = undefined;
    this.#enter({ name: "paused" });
  }

  /**
   * Loads one more page of the past; a second call meanwhile gets the promise of the first.
   * @returns {Promise<void>}
   * @throws {EventsError} nothing is lost by it: call again
   */
  loadOlder() {
    this.#loadingOlder ??= this.#loadOlder().finally(() => {
      this.#loadingOlder = undefined;
    });
    return this.#loadingOlder;
  }

  /** @param {AbortSignal} signal */
  async #run(signal) {
    let failures = 0;
    if (!this.loaded) this.#enter({ name: "loading" });
    while (!signal.aborted) {
      const { query } = this.#place;
      let seconds;
      try {
        const page = await this.#ask(query, signal);
        if (signal.aborted) return;
        seconds = this.#take(page);
        failures = 0;
        if (this.#place.isWalking) {
          this.#enter({ name: "behind", remaining: this.#place.left }, signal);
          continue;
        }
        this.#enter({ name: "live", seconds }, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof EventsError)) throw error;
        if (this.#place.avoid(error, query)) continue;
        if (!error.passes) return this.#enter({ name: "stopped", error }, signal);
        seconds = Math.max(error.retryAfter, retrySeconds(failures));
        failures += 1;
        this.#enter({ name: "retrying", seconds, error }, signal);
      }
      await sleep(seconds * 1000, signal);
    }
  }

  /**
   * Takes in what the place's query has brought.
   * @param {Page} page
   * @returns {number} seconds to the next poll
   */
  #take(page) {
    const from = this.loaded ? "poll" : "newest";
    // On a later page of a walk it may have ended after events that the walk does not tell.
    if (!this.#place.isWalking) this.session = page.session;
    this.clockAhead = page.clockAhead;
    const joins = this.#place.isAnew && this.#joins(page);
    this.#place.pass(page);
    if (joins) {
      this.#past = { last: page.items.at(-1), next: page.pagination.next, left: this.#place.left };
      this.#place.endWalk(page);
      this.loaded = true;
    }
    this.#tell(page.items, from);
    return Math.max(page.pollInterval, this.#options.leastSeconds ?? 0);
  }

  /**
   * Whether a walk from the newest event on reaches, with this page, down to what was loaded before.
   * @param {Page} page
   */
  #joins({ items, pagination }) {
    const lowest = this.events[this.joined - 1];
    const last = items.at(-1);
    return !lowest || !last || pagination.next === null || compareEvents(last, lowest) >= 0;
  }

  async #loadOlder() {
    const past = this.#past;
    // Where the walk begins again, it comes down to here by itself.
    if (past.next === null || this.#place.isAnew) return;
    const query = { next: past.next };
    try {
      const page = await this.#ask(query);
      // The poll may have started again meanwhile, and walk a past of its own.
      if (past !== this.#past) return;
      const { next } = page.pagination;
      this.#past = { last: page.items.at(-1) ?? past.last, next, left: leftAfter(page.pagination, past.left) };
      this.#tell(page.items, "older");
    } catch (error) {
      if (past !== this.#past) return;
      if (!this.#running || !(error instanceof EventsError && this.#place.avoid(error, query))) throw error;
      this.#place.startAgain();
      this.start();
    }
  }

  /**
   * @param {Query} query
   * @param {AbortSignal} [signal]
   */
  #ask(query, signal) {
    return fetchPage(this.#options.url, query, { apiKey: this.apiKey, signal });
  }

  /**
   * @param {SessionEvent[]} items newest first
   * @param {"newest" | "poll" | "older"} from
   */
  #tell(items, from) {
    // The past is as it was when its walk began: what polls have told since is newer.
    const told = from === "older" ? items.filter(({ id }) => !this.#list.has(id)) : items;
    const { fresh, changed } = this.#list.add(told);
    if (changed.length > 0) this.#options.onChanged?.(changed);
    if (fresh.length > 0) this.#options.onEvents?.(fresh, from);
  }

  /**
   * @param {State} state
   * @param {AbortSignal} [signal] of the run that says so, which may be over
   */
  #enter(state, signal) {
    if (signal?.aborted) return;
    this.state = state;
    this.#options.onState?.(state);
  }
}
