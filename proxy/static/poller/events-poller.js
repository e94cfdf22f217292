/**
 * Follows the events of one session through `GET /api/v2/sessions/{session_id}/events`: none is lost, none comes twice.
 *
 * It has no dependencies but `json-text.js` beside it, and runs in browsers and in Node 20 or newer.
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
 * - It sends the `cursor` of the last answer, which knows what you have not been told, whatever clocks say.
 * - A burst larger than a page: it walks the pages with the same cursor, then goes on with the first page's new one.
 * - It drops by `id` what comes twice, and keeps `events` by `timestamp`, then `id`, newest first.
 * - It waits as `X-Poll-Interval` says; when the server or the network fails, longer each time, at least `Retry-After`.
 * - A cursor that the server no longer knows: it reads again what it had, and keeps what is there.
 * - A page that is too large for one answer: it asks for fewer events at a time.
 * @module
 */

import { EventsError } from "./errors.js";
import { compareEvents } from "./event.js";
import { fetchPage } from "./transport.js";
import { retrySeconds, sleep } from "./waiting.js";

/** @import { SessionEvent } from "./event.js" */
/** @import { Page, Query } from "./transport.js" */

export { EventsError } from "./errors.js";
export { compareEvents, SessionEvent } from "./event.js";
export { fetchPage } from "./transport.js";

const STARTS_AGAIN = new Set(["cursor-lost", "cursor-malformed"]);

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
 * @property {(state: State) => void} [onState]
 */

/** Follows one session. Read what it has in `events`; change nothing there. */
export class EventsPoller {
  /**
   * All that has been told so far, newest first.
   * @type {readonly SessionEvent[]}
   */
  events = [];

  /** How many events can be loaded that are older than the first `joined` of `events`. */
  remaining = 0;

  /** Whether the first page has come. */
  loaded = false;

  /**
   * Sent from the next request on.
   * @type {string | undefined}
   */
  apiKey;

  /** @type {State} */
  state = { name: "paused" };

  #options;
  /**
   * The event down to which nothing is missing.
   * @type {SessionEvent | undefined}
   */
  #oldest;
  /** @type {string | number} */
  #limit;
  /** @type {Set<string>} */
  #ids = new Set();
  /** @type {string | undefined} */
  #cursor;
  /** How many of the `joined` events are no longer there: the database was put back to an earlier state. */
  #gone = 0;
  /** @type {AbortController | undefined} */
  #running;
  /** @type {Promise<void> | undefined} */
  #loadingOlder;

  /** @param {Options} options */
  constructor(options) {
    this.#options = options;
    this.#limit = options.limit ?? 100;
    this.apiKey = options.apiKey;
  }

  /** How many of `events`, from the newest, have no gap between them. Those below were committed late. */
  get joined() {
    const oldest = this.#oldest;
    return oldest ? this.events.findLastIndex((event) => compareEvents(event, oldest) <= 0) + 1 : 0;
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
      let seconds;
      try {
        seconds = Math.max(await this.#poll(signal), this.#options.leastSeconds ?? 0);
        failures = 0;
        this.#enter({ name: "live", seconds }, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof EventsError)) throw error;
        if (this.#cursor !== undefined && STARTS_AGAIN.has(error.kind)) {
          this.#cursor = undefined;
          continue;
        }
        if (!error.passes) return this.#enter({ name: "stopped", error }, signal);
        seconds = Math.max(error.retryAfter, retrySeconds(failures));
        failures += 1;
        this.#enter({ name: "retrying", seconds, error }, signal);
      }
      await sleep(seconds * 1000, signal);
    }
  }

  /**
   * Takes what is new after the cursor; without one, the newest page and, below it, whatever of it was loaded before.
   * @param {AbortSignal} signal
   * @returns {Promise<number>} seconds to the next poll
   */
  async #poll(signal) {
    const cursor = this.#cursor;
    const from = this.loaded ? "poll" : "newest";
    const seen = new Set();
    let next = { cursor, seconds: 0 };
    for await (const page of this.#pages({ cursor }, signal)) {
      // The cursor of a later page would skip what was committed between the first page and that one.
      if (page.pagination.page === 1) next = { cursor: page.cursor, seconds: page.pollInterval };
      for (const event of page.items) seen.add(event.id);
      const joined = cursor === undefined && this.#joins(page);
      this.#add(page.items, from);
      if (joined) break;
      const left = page.pagination.total - position(page);
      if (left > 0) this.#enter({ name: "behind", remaining: left }, signal);
    }
    if (cursor === undefined) {
      this.#gone = this.events.slice(0, this.joined).filter((event) => !seen.has(event.id)).length;
    }
    this.#cursor = next.cursor;
    return next.seconds;
  }

  /**
   * Whether a page that was read without cursor reaches down to what was loaded before, or is the first one of all.
   * @param {Page} page
   */
  #joins(page) {
    const last = page.items.at(-1);
    const reached = last && this.#oldest && compareEvents(last, this.#oldest) >= 0;
    if (this.loaded && !reached && page.pagination.has_next) return false;
    this.#descend(page);
    this.loaded = true;
    return true;
  }

  async #loadOlder() {
    const before = this.#oldest;
    let page = 0;
    while (this.remaining > 0 && this.#oldest === before) {
      const loaded = this.joined - this.#gone;
      const answer = await this.#fittingPage((limit) => {
        // Events that came since push the past to later pages: this one may repeat some, and cannot skip any.
        return { limit, page: Math.max(page, Math.floor(loaded / Number(limit)) + 1) };
      });
      page = answer.pagination.page + 1;
      this.#descend(answer);
      this.#add(answer.items, "older");
    }
  }

  /**
   * Moves `#oldest` down to the end of a page that was read without cursor.
   * @param {Page} page
   */
  #descend(page) {
    const last = page.items.at(-1);
    const lower = last && this.#oldest ? compareEvents(last, this.#oldest) : 1;
    if (lower < 0) return;
    if (last && lower > 0) this.#oldest = last;
    this.remaining = Math.max(0, page.pagination.total - position(page));
  }

  /**
   * All pages of a query, one after the other.
   * @param {Query} query
   * @param {AbortSignal} signal
   */
  async *#pages(query, signal) {
    let page = 0;
    let pageSize = this.#limit;
    let total = 0;
    let answer;
    let joins;
    do {
      answer = await this.#fittingPage((limit) => {
        // Pages of another size begin elsewhere: walk them from the first one.
        page = limit === pageSize ? page + 1 : 1;
        pageSize = limit;
        return { ...query, limit, page };
      }, signal);
      pageSize = answer.pagination.per_page;
      // A smaller total: events were deleted, or a standby that lags behind answered. Walk again from the first page.
      joins = answer.pagination.total >= total;
      total = joins ? answer.pagination.total : 0;
      if (!joins) page = 0;
      yield answer;
    } while (!joins || answer.pagination.has_next);
  }

  /**
   * A page, asked for with a smaller limit where one answer cannot hold it.
   * @param {(limit: string | number) => Query} query
   * @param {AbortSignal} [signal]
   */
  async #fittingPage(query, signal) {
    for (;;) {
      try {
        const limited = { event_type: this.#options.eventType, ...query(this.#limit) };
        const page = await fetchPage(this.#options.url, limited, { apiKey: this.apiKey, signal });
        this.#limit = page.pagination.per_page;
        return page;
      } catch (error) {
        const limit = Number(this.#limit);
        if (!(error instanceof EventsError) || error.kind !== "response-too-large" || limit <= 1) throw error;
        const fits = Number(/limit=(\d+)/.exec(error.message)?.[1]);
        this.#limit = fits < limit ? fits : Math.floor(limit / 2);
      }
    }
  }

  /**
   * @param {SessionEvent[]} items newest first
   * @param {"newest" | "poll" | "older"} from
   */
  #add(items, from) {
    const fresh = items.filter((event) => !this.#ids.has(event.id));
    if (fresh.length === 0) return;
    for (const event of fresh) this.#ids.add(event.id);
    this.events = merged(this.events, fresh);
    if (from === "poll") this.#countBelow(fresh);
    this.#options.onEvents?.(fresh, from);
  }

  /**
   * Takes events that were committed late, below `#oldest`, into the account of the past.
   * @param {SessionEvent[]} fresh
   */
  #countBelow(fresh) {
    const oldest = this.#oldest;
    const below = oldest ? fresh.filter((event) => compareEvents(event, oldest) > 0).length : 0;
    if (this.remaining > 0) this.remaining += below;
    else if (below > 0) this.#oldest = this.events.at(-1);
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

/**
 * @param {readonly SessionEvent[]} some newest first, as are the others
 * @param {readonly SessionEvent[]} others
 */
function merged(some, others) {
  const all = [];
  let at = 0;
  for (const event of some) {
    while (at < others.length && compareEvents(others[at], event) < 0) all.push(others[at++]);
    all.push(event);
  }
  return all.concat(others.slice(at));
}

/**
 * How many events there are from the newest one down to the end of a page.
 * @param {Page} page
 */
function position({ pagination }) {
  return (pagination.page - 1) * pagination.per_page + pagination.returned;
}
