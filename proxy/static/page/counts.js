/**
 * How many events there are of each type: counted where all are loaded, else asked of the server. A number that may
 * have grown since says so.
 * @module
 */

import { EventsError, fetchPage } from "../poller/events-poller.js";
import { ASKABLE } from "./levels.js";

/** @import { EventsPoller, SessionEvent } from "../poller/events-poller.js" */

const SECONDS_BETWEEN = 10;

/** @typedef {{number: number, exact: boolean}} Count */

export class Counts {
  #poller;
  #url;
  #apiKey;
  #changed;
  /**
   * What the server has said, when, and after how many changes of the type.
   * @type {Map<string, {total: number, at: number, changes: number}>}
   */
  #told = new Map();
  /** @type {Map<string, number>} */
  #changes = new Map();
  /** @type {readonly SessionEvent[]} */
  #counted = [];
  /** @type {Map<string, number>} */
  #loaded = new Map();
  #asking = false;

  /**
   * @param {EventsPoller} poller of all types
   * @param {string} url
   * @param {() => string} apiKey empty: none
   * @param {() => void} changed called when another number is known
   */
  constructor(poller, url, apiKey, changed) {
    this.#poller = poller;
    this.#url = url;
    this.#apiKey = apiKey;
    this.#changed = changed;
  }

  /** Every type that was seen, with how many of its events are loaded. */
  get loaded() {
    const { events } = this.#poller;
    if (this.#counted !== events) {
      this.#loaded = new Map();
      for (const { event_type: type } of events) this.#loaded.set(type, (this.#loaded.get(type) ?? 0) + 1);
      this.#counted = events;
    }
    return this.#loaded;
  }

  /**
   * @param {string} type
   * @returns {Count}
   */
  of(type) {
    const loaded = this.loaded.get(type) ?? 0;
    if (this.#isComplete) return { number: loaded, exact: true };
    const told = this.#told.get(type);
    return { number: Math.max(loaded, told?.total ?? 0), exact: told?.changes === this.#changesOf(type) };
  }

  /** @param {readonly SessionEvent[]} events that have come, or say something else now */
  see(events) {
    for (const type of new Set(events.map((event) => event.event_type))) {
      this.#changes.set(type, this.#changesOf(type) + 1);
    }
  }

  /** Forgets what the server has said. */
  forget() {
    this.#told.clear();
  }

  /**
   * Asks for the numbers that are not exact, one after the other and each from time to time.
   * @param {Iterable<string>} types
   */
  async ask(types) {
    if (this.#asking || this.#isComplete) return;
    this.#asking = true;
    try {
      for (const type of types) if (!this.#isComplete && this.#isDue(type)) await this.#askFor(type);
    } catch (error) {
      // The poller meets the same, and says so.
      if (!(error instanceof EventsError)) throw error;
    } finally {
      this.#asking = false;
    }
  }

  get #isComplete() {
    return this.#poller.loaded && this.#poller.remaining === 0;
  }

  /** @param {string} type */
  #changesOf(type) {
    return this.#changes.get(type) ?? 0;
  }

  /** @param {string} type */
  #isDue(type) {
    const told = this.#told.get(type);
    if (!told) return ASKABLE.test(type);
    return told.changes !== this.#changesOf(type) && performance.now() - told.at > SECONDS_BETWEEN * 1000;
  }

  /** @param {string} type */
  async #askFor(type) {
    const changes = this.#changesOf(type);
    const apiKey = this.#apiKey() || undefined;
    const { pagination } = await fetchPage(this.#url, { event_type: type, limit: 1 }, { apiKey });
    this.#told.set(type, { total: pagination.total, at: performance.now(), changes });
    this.#changed();
  }
}
