/**
 * Finds a text in events.
 * @module
 */

/** @import { SessionEvent } from "../poller/events-poller.js" */

const SYNTAX = /[$()*+.?[\\\]^{|}]/g;

export class Finder {
  text = "";
  /**
   * The events that hold the text, in the order of those that are searched.
   * @type {readonly SessionEvent[]}
   */
  hits = [];
  /** The hit that was gone to last; empty: none. */
  current = "";

  /** @type {readonly SessionEvent[]} */
  #events = [];
  /** @type {RegExp | undefined} */
  #pattern;
  /** @type {RegExp | undefined} */
  #inData;
  /**
   * What was searched already; an event that says something else is another object.
   * @type {WeakMap<SessionEvent, boolean>}
   */
  #known = new WeakMap();

  /**
   * Finds the text in what is shown; undefined without any text.
   * @returns {RegExp | undefined} with the flag g
   */
  get pattern() {
    return this.#pattern;
  }

  /** @param {string} text empty: none */
  search(text) {
    if (text === this.text) return;
    this.text = text;
    this.current = "";
    this.#pattern = text ? patternOf(text) : undefined;
    // event_data is searched as it is written, with escapes.
    this.#inData = text ? patternOf(JSON.stringify(text).slice(1, -1)) : undefined;
    this.#known = new WeakMap();
    this.#find();
  }

  /** @param {readonly SessionEvent[]} events to search in, newest first */
  update(events) {
    if (events === this.#events) return;
    this.#events = events;
    this.#find();
  }

  /** The place of the current hit, from 1; 0 without one. */
  get place() {
    return this.hits.findIndex(({ id }) => id === this.current) + 1;
  }

  /**
   * Goes to another hit, round the end.
   * @param {1 | -1} direction down or up
   * @param {number} from the place in the events from which to go, where no hit is the current one
   * @returns {SessionEvent | undefined}
   */
  go(direction, from) {
    if (this.hits.length === 0) return undefined;
    const { place } = this;
    let next = place - 1 + direction;
    if (place === 0) {
      const places = new Map(this.#events.map(({ id }, index) => [id, index]));
      const below = this.hits.findIndex(({ id }) => (places.get(id) ?? 0) >= from);
      if (direction > 0) next = Math.max(0, below);
      else next = below < 0 ? -1 : below - 1;
    }
    const hit = this.hits.at(next % this.hits.length);
    this.current = hit?.id ?? "";
    return hit;
  }

  #find() {
    this.hits = this.#pattern ? this.#events.filter((event) => this.#holds(event)) : [];
  }

  /** @param {SessionEvent} event */
  #holds(event) {
    let holds = this.#known.get(event);
    if (holds === undefined) {
      const { message, event_type: type, id, event_data_text: data } = event;
      holds = has(this.#pattern, message ?? "") || has(this.#pattern, type) || has(this.#inData, data);
      holds ||= id === this.text.toLowerCase();
      this.#known.set(event, holds);
    }
    return holds;
  }
}

/**
 * Whether a text has what a pattern with the flag g finds.
 * @param {RegExp | undefined} pattern
 * @param {string} text
 */
export function has(pattern, text) {
  return pattern !== undefined && text.search(pattern) >= 0;
}

/** @param {string} text */
function patternOf(text) {
  return new RegExp(text.replace(SYNTAX, "\\$&"), "giu");
}
