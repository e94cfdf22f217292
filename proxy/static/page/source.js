/**
 * The events that the filter leaves. New ones come from the poller, which tells all types; the past of a chosen type
 * is walked for itself as long as the poller has not loaded everything.
 * @module
 */

import { compareEvents } from "../poller/events-poller.js";
import { Walk } from "./walk.js";

/** @import { EventsPoller, SessionEvent } from "../poller/events-poller.js" */
/** @import { Filter } from "./address.js" */

/**
 * The first `joined` of `events` have no gap between them; `remaining` events of the chosen types can be loaded below
 * those.
 * @typedef {{events: readonly SessionEvent[], joined: number, remaining: number}} Shown
 */

export class Source {
  #poller;
  #makeWalk;
  /** @type {Map<string, Walk>} */
  #walks = new Map();
  /** @type {readonly string[]} */
  #types = [];
  #step = "";
  /** @type {{from: readonly unknown[], shown: Shown} | undefined} */
  #made;

  /**
   * @param {EventsPoller} poller of all types
   * @param {string} url
   * @param {string | number} limit events a page
   * @param {() => string} apiKey empty: none
   */
  constructor(poller, url, limit, apiKey) {
    this.#poller = poller;
    this.#makeWalk = (/** @type {string} */ type) => new Walk(url, type, limit, apiKey);
  }

  /** @param {Filter} filter */
  select({ types, step }) {
    this.#types = types;
    this.#step = step;
    this.#made = undefined;
  }

  /** Whether the first page of all that is chosen has come. */
  get loaded() {
    return this.#poller.loaded && this.#walked().every((walk) => walk.loaded);
  }

  /** @returns {Shown} */
  get shown() {
    const from = [this.#poller.events, this.#poller.remaining, ...this.#walked().map(({ events }) => events)];
    // It is asked for often, and there are many events.
    if (!this.#made || from.length !== this.#made.from.length || from.some((one, at) => one !== this.#made?.from[at])) {
      this.#made = { from, shown: this.#ofStep(this.#ofTypes()) };
    }
    return this.#made.shown;
  }

  /**
   * Loads one more page of the past.
   * @throws {EventsError}
   */
  async loadOlder() {
    if (this.#walked().length === 0) return this.#poller.loadOlder();
    const [nearest] = this.#walking().sort((a, b) => compareLast(this.#lowest(a), this.#lowest(b)));
    await nearest?.more();
  }

  /**
   * Loads the first page of what is chosen.
   * @throws {EventsError}
   */
  async begin() {
    await Promise.all(this.#walked().map((walk) => walk.loaded || walk.more()));
  }

  /**
   * The walk of a type, from its beginning.
   * @param {string} type
   */
  walk(type) {
    const known = this.#walks.get(type) ?? this.#makeWalk(type);
    this.#walks.set(type, known);
    return known;
  }

  /** The walks that what is chosen needs, and that have not ended. */
  #walking() {
    return this.#walked().filter((walk) => !walk.ended);
  }

  #walked() {
    const { loaded, remaining } = this.#poller;
    return loaded && remaining > 0 ? this.#types.map((type) => this.walk(type)) : [];
  }

  /** @returns {Shown} */
  #ofTypes() {
    const { events, joined, remaining } = this.#poller;
    if (this.#types.length === 0) return { events, joined, remaining };
    const chosen = new Set(this.#types);
    const told = events.filter(({ event_type: type }) => chosen.has(type));
    const walked = this.#walked().flatMap((walk) => walk.events);
    // What the poller has told is newer, and may be of another type by now.
    const others = walked.filter(({ id }) => !this.#poller.get(id));
    return this.#cut(others.length > 0 ? [...told, ...others].sort(compareEvents) : told);
  }

  /**
   * @param {SessionEvent[]} events
   * @returns {Shown}
   */
  #cut(events) {
    const walking = this.#walking();
    if (walking.length === 0) return { events, joined: events.length, remaining: 0 };
    const lowest = walking.map((walk) => this.#lowest(walk)).sort(compareLast)[0];
    const joined = lowest ? events.findLastIndex((event) => compareEvents(event, lowest) <= 0) + 1 : 0;
    return { events, joined, remaining: walking.reduce((sum, walk) => sum + this.#left(walk), 0) };
  }

  /**
   * Down to which event everything of a walk's type is loaded, by the walk or by the poller.
   * @param {Walk} walk
   */
  #lowest(walk) {
    const ofPoller = this.#poller.events[this.#poller.joined - 1];
    const ofWalk = walk.events.at(-1);
    return compareLast(ofPoller, ofWalk) > 0 ? ofPoller : (ofWalk ?? ofPoller);
  }

  /**
   * How many events of a walk are neither walked nor told by the poller.
   * @param {Walk} walk
   */
  #left(walk) {
    const last = walk.events.at(-1);
    const told = this.#poller.events.filter(
      (event) => event.event_type === walk.type && (!last || compareEvents(event, last) > 0),
    );
    return Math.max(1, walk.left - told.length);
  }

  /**
   * @param {Shown} shown
   * @returns {Shown}
   */
  #ofStep({ events, joined, remaining }) {
    if (!this.#step) return { events, joined, remaining };
    const isOfStep = (/** @type {SessionEvent} */ event) => event.step_id === this.#step;
    return { events: events.filter(isOfStep), joined: events.slice(0, joined).filter(isOfStep).length, remaining };
  }
}

/**
 * Orders as compareEvents does; what is not there stands before everything.
 * @param {SessionEvent | undefined} a
 * @param {SessionEvent | undefined} b
 */
function compareLast(a, b) {
  if (!a || !b) return Number(Boolean(a)) - Number(Boolean(b));
  return compareEvents(a, b);
}
