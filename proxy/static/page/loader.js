/**
 * Loads the past, page after page, until something is reached or somebody stops it.
 * @module
 */

import { EventsError } from "../poller/events-poller.js";
import { sleep } from "../poller/waiting.js";

/** @import { Source } from "./source.js" */

/** More than a browser holds with ease. */
export const MOST_EVENTS = 500_000;
const NOTHING_CAME_MILLISECONDS = 200;

/**
 * What came of it: what was looked for is there; all is loaded, without it; too many events; stopped; or an error.
 * @typedef {"reached" | "ended" | "full" | "stopped" | EventsError} Outcome
 */

export class Loader {
  /** What it loads for, in words; empty: it does not load. */
  purpose = "";

  #changed;
  /** @type {AbortController | undefined} */
  #running;

  /** @param {() => void} changed called when it begins, and when it ends */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * @param {Source} source
   * @param {string} purpose in words, such as "Loading all events"
   * @param {() => boolean} reached whether that is enough
   * @returns {Promise<Outcome>}
   */
  async load(source, purpose, reached) {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.purpose = purpose;
    this.#changed();
    try {
      while (!running.signal.aborted) {
        if (reached()) return "reached";
        if (source.loaded && source.shown.remaining === 0) return "ended";
        if (source.shown.events.length >= MOST_EVENTS) return "full";
        const before = source.shown;
        await source.loadOlder();
        // The poller may be starting again, and then loads nothing.
        if (source.shown === before) await sleep(NOTHING_CAME_MILLISECONDS, running.signal);
      }
      return "stopped";
    } catch (error) {
      if (!(error instanceof EventsError)) throw error;
      return error;
    } finally {
      if (this.#running === running) this.#end();
    }
  }

  /** Ends what goes on. */
  stop() {
    this.#running?.abort();
    this.#end();
  }

  #end() {
    this.#running = undefined;
    this.purpose = "";
    this.#changed();
  }
}
