/**
 * The past of one type of events, page by page.
 * @module
 */

import { compareEvents, EventsError, fetchPage } from "../poller/events-poller.js";
import { Place } from "../poller/place.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */

export class Walk {
  /**
   * Newest first.
   * @type {readonly SessionEvent[]}
   */
  events = [];
  /** Whether its first page has come. */
  loaded = false;

  #url;
  #apiKey;
  #place;
  /** @type {Promise<void> | undefined} */
  #asking;

  /**
   * @param {string} url
   * @param {string} type
   * @param {string | number} limit
   * @param {() => string} apiKey
   */
  constructor(url, type, limit, apiKey) {
    this.type = type;
    this.#url = url;
    this.#apiKey = apiKey;
    this.#place = new Place(type, limit);
  }

  /** Whether all is told. */
  get ended() {
    return this.loaded && !this.#place.isWalking;
  }

  /** How many events are still to come. */
  get left() {
    return this.ended ? 0 : this.#place.left;
  }

  /**
   * Loads one more page; a second call meanwhile gets the promise of the first.
   * @returns {Promise<void>}
   * @throws {EventsError} nothing is lost by it: call again
   */
  more() {
    this.#asking ??= this.#more().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** Loads all that is left. */
  async rest() {
    while (!this.ended) await this.more();
  }

  async #more() {
    if (this.ended) return;
    const { query } = this.#place;
    try {
      const page = await fetchPage(this.#url, query, { apiKey: this.#apiKey() || undefined });
      this.#place.pass(page);
      const told = new Set(page.items.map(({ id }) => id));
      this.events = [...this.events.filter(({ id }) => !told.has(id)), ...page.items].sort(compareEvents);
      this.loaded = true;
    } catch (error) {
      if (!(error instanceof EventsError && this.#place.avoid(error, query))) throw error;
      await this.#more();
    }
  }
}
