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

import { parts } from "./json-text.js";

const SHORTEST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 60;
// The server gives up after 15 s by default; a connection that is silent for longer is dead.
const LONGEST_SILENCE_SECONDS = 30;
const STARTS_AGAIN = new Set(["cursor-lost", "cursor-malformed"]);

/**
 * @typedef {object} Pagination
 * @property {number} page
 * @property {number} per_page
 * @property {number} total
 * @property {number} total_pages
 * @property {boolean} has_next
 * @property {boolean} has_prev
 * @property {number} returned
 */

/**
 * @typedef {object} Page
 * @property {SessionEvent[]} items newest first
 * @property {Pagination} pagination
 * @property {string} timestamp the server's time of the request
 * @property {string} cursor for what this answer could not yet see
 * @property {number} pollInterval seconds to wait before the next poll
 */

/**
 * @typedef {object} Query
 * @property {string} [event_type]
 * @property {string | number} [limit]
 * @property {string} [cursor]
 * @property {number} [page]
 */

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

/** An event as the API gives it. */
export class SessionEvent {
  /**
   * @param {{id: string, session_id: string, step_id: string | null, event_type: string, timestamp: string,
   *   message: string | null}} fields
   * @param {string} data
   */
  constructor(fields, data) {
    this.id = fields.id;
    this.session_id = fields.session_id;
    this.step_id = fields.step_id;
    this.event_type = fields.event_type;
    this.timestamp = fields.timestamp;
    this.message = fields.message;
    /** `event_data` as JSON text, with every digit that the database holds. */
    this.event_data_text = data;
  }

  /**
   * `event_data` with JavaScript's numbers, which are rounded; made anew each time that it is read.
   * @returns {any}
   */
  get event_data() {
    return JSON.parse(this.event_data_text);
  }

  /** Makes JSON.stringify write what the API wrote, but for digits that JavaScript's numbers lack. */
  toJSON() {
    const { event_data_text: _, ...fields } = this;
    return { ...fields, event_data: this.event_data };
  }
}

/** Why there is no page. */
export class EventsError extends Error {
  /**
   * @param {string} kind the end of the problem's `type`, such as "session-not-found"; "network" without an answer;
   *   "unreadable" for an answer that is not the API's
   * @param {string} message for people
   * @param {object} [facts]
   * @param {number} [facts.status]
   * @param {number} [facts.retryAfter] seconds
   * @param {{parameter: string, message: string}[]} [facts.errors] the faults of a 400
   */
  constructor(kind, message, { status = 0, retryAfter = 0, errors = [] } = {}) {
    super(message);
    this.name = "EventsError";
    this.kind = kind;
    this.status = status;
    this.retryAfter = retryAfter;
    this.errors = errors;
  }

  /** Whether the same request may succeed later. */
  get passes() {
    return this.status < 400 || this.status === 429 || this.status >= 500;
  }
}

/**
 * One page of events, without any retry.
 * @param {string} url
 * @param {Query} query
 * @param {{apiKey?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<Page>}
 * @throws {EventsError}
 */
export async function fetchPage(url, query, { apiKey, signal } = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const address = `${url}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
  const { response, text } = await request(address, apiKey ? { "X-API-Key": apiKey } : {}, signal);
  if (response.status !== 200) throw problem(response, text);
  try {
    return readPage(text, Number(response.headers.get("X-Poll-Interval")) || 2);
  } catch {
    throw new EventsError("unreadable", "The answer is not one of the events API.");
  }
}

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
 * Orders events as the API does: by timestamp, then by id, newest first.
 * @param {SessionEvent} a
 * @param {SessionEvent} b
 */
export function compareEvents(a, b) {
  return compareTimestamps(b.timestamp, a.timestamp) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/**
 * @param {string} a
 * @param {string} b
 */
function compareTimestamps(a, b) {
  if (a === b) return 0;
  const [year, otherYear] = [yearOf(a), yearOf(b)];
  if (year !== otherYear) return year - otherYear;
  return a < b ? -1 : 1;
}

/**
 * The year, which has a sign and six digits before 1 and after 9999; PostgreSQL also has timestamps without end.
 * @param {string} timestamp
 */
function yearOf(timestamp) {
  if (timestamp === "infinity") return Infinity;
  if (timestamp === "-infinity") return -Infinity;
  return Number.parseInt(timestamp, 10);
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

/**
 * Doubles with each failure, and differs between clients, so that they do not all come back at once.
 * @param {number} failures
 */
function retrySeconds(failures) {
  const longest = Math.min(LONGEST_RETRY_SECONDS, SHORTEST_RETRY_SECONDS * 2 ** failures);
  return longest * (0.5 + Math.random() / 2);
}

/**
 * @param {string} text
 * @param {number} pollInterval
 * @returns {Page}
 */
function readPage(text, pollInterval) {
  const { items, pagination, timestamp, cursor } = JSON.parse(text);
  const all = parts(text).find((part) => part.key === "items");
  const events = parts(text, all?.start).map((item, index) => {
    const data = parts(text, item.start).find((part) => part.key === "event_data");
    return new SessionEvent(items[index], text.slice(data?.start, data?.end));
  });
  return { items: events, pagination, timestamp, cursor, pollInterval };
}

/**
 * @param {Response} response
 * @param {string} text
 */
function problem(response, text) {
  /** @type {{type?: string, title?: string, detail?: string, errors?: {parameter: string, message: string}[]}} */
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Not from the proxy but from something before it.
  }
  const { status } = response;
  const kind = body.type?.split("#problem-")[1] ?? "unreadable";
  const message = body.detail ?? body.title ?? `The server answered with status ${status}.`;
  return new EventsError(kind, message, { status, errors: body.errors, retryAfter: retryAfter(response) });
}

/**
 * Retry-After in seconds, 0 without one; it may be a date.
 * @param {Response} response
 */
function retryAfter(response) {
  const value = response.headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Math.max(0, seconds || 0);
}

/**
 * A response with its body, given up when nothing comes for too long.
 * @param {string} address
 * @param {Record<string, string>} headers
 * @param {AbortSignal} [signal]
 * @throws {EventsError} network; once the signal is aborted, whatever comes of that
 */
async function request(address, headers, signal) {
  const way = new AbortController();
  const giveUp = () => way.abort();
  signal?.addEventListener("abort", giveUp);
  let timer = setTimeout(giveUp, LONGEST_SILENCE_SECONDS * 1000);
  try {
    const response = await fetch(address, { headers, cache: "no-store", signal: way.signal });
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const pieces = [];
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, LONGEST_SILENCE_SECONDS * 1000);
      pieces.push(decoder.decode(piece.value, { stream: true }));
    }
    return { response, text: pieces.join("") + decoder.decode() };
  } catch (error) {
    if (signal?.aborted) throw error;
    const silent = `The server has been silent for ${LONGEST_SILENCE_SECONDS} s.`;
    throw new EventsError("network", way.signal.aborted ? silent : "The server cannot be reached.");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}

/**
 * Waits, no longer than until the signal is aborted.
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
