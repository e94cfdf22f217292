/**
 * Where a client is that follows a session, and so what it asks for next.
 * @module
 */

/** @import { EventsError } from "./errors.js" */
/** @import { Page, Query } from "./transport.js" */

const STARTS_AGAIN = new Set(["cursor-lost", "cursor-malformed"]);

/** The rule of the API: while `next` is not null ask with it; then, and from then on, ask with `cursor`. */
export class Place {
  /** How many events the walk has still to tell. */
  left = 0;

  #eventType;
  #limit;
  /** @type {string | undefined} */
  #cursor;
  /** @type {string | null} */
  #next = null;

  /**
   * At the newest event, with nothing known.
   * @param {string | undefined} eventType
   * @param {string | number} limit
   */
  constructor(eventType, limit) {
    this.#eventType = eventType;
    this.#limit = limit;
  }

  /** Whether the walk tells what the session has, rather than what came after a cursor. */
  get isAnew() {
    return this.#cursor === undefined;
  }

  /** Whether a walk has begun and is not at its end. */
  get isWalking() {
    return this.#next !== null;
  }

  /** @returns {Query} */
  get query() {
    if (this.#next !== null) return { next: this.#next };
    return { event_type: this.#eventType, limit: this.#limit, cursor: this.#cursor };
  }

  /**
   * Moves on past the page that `query` has brought.
   * @param {Page} page
   */
  pass({ pagination, cursor }) {
    this.left = leftAfter(pagination, this.isWalking ? this.left : pagination.total);
    this.#next = pagination.next;
    if (this.#next === null) this.#cursor = cursor;
  }

  /**
   * Ends the walk after a page: the rest of it is asked for in another way, or not at all.
   * @param {Page} page
   */
  endWalk({ cursor }) {
    this.#next = null;
    this.#cursor = cursor;
  }

  /** Goes back to the newest event. */
  startAgain() {
    this.#next = null;
    this.#cursor = undefined;
  }

  /**
   * Finds another question where one was refused: from the newest event on where the place is no longer known; in
   * smaller pages where one was too large.
   * @param {EventsError} error
   * @param {Query} query that was refused
   * @returns {boolean} whether there is one
   */
  avoid(error, query) {
    if (error.kind === "response-too-large") return this.#makePagesSmaller(error, query);
    if (!STARTS_AGAIN.has(error.kind) || !(query.cursor || query.next)) return false;
    this.startAgain();
    return true;
  }

  /**
   * @param {EventsError} error
   * @param {Query} query
   */
  #makePagesSmaller({ largestLimit }, query) {
    const limit = Math.min(largestLimit ?? 0, Number(this.#limit));
    if (!(limit >= 1) || limit === query.limit) return false;
    this.#limit = limit;
    // The pages of a walk have the size that it began with: it begins again.
    this.#next = null;
    return true;
  }
}

/**
 * How many events a walk has still to tell after a page, as far as is known: some may have been deleted.
 * @param {Page["pagination"]} pagination of the page
 * @param {number} before
 */
export function leftAfter({ next, returned }, before) {
  return next === null ? 0 : Math.max(1, before - returned);
}
