/**
 * Events in the API's order, each of them once.
 * @module
 */

import { areAlike, compareEvents } from "./event.js";

/** @import { SessionEvent } from "./event.js" */

export class EventList {
  /**
   * Newest first; another array after each change.
   * @type {readonly SessionEvent[]}
   */
  all = [];

  /** @type {Map<string, SessionEvent>} */
  #byId = new Map();

  /** @param {string} id */
  has(id) {
    return this.#byId.has(id);
  }

  /** @param {string} id */
  get(id) {
    return this.#byId.get(id);
  }

  /**
   * Takes events in. One that is there already and says something else now takes the place of its earlier telling.
   * @param {readonly SessionEvent[]} told newest first
   * @returns {{fresh: SessionEvent[], changed: SessionEvent[]}} the new ones, and those that were otherwise
   */
  add(told) {
    const fresh = told.filter(({ id }) => !this.#byId.has(id));
    const changed = told.filter((event) => {
      const before = this.#byId.get(event.id);
      return before && !areAlike(before, event);
    });
    const outdated = new Set(changed.map(({ id }) => this.#byId.get(id)));
    const kept = outdated.size > 0 ? this.all.filter((event) => !outdated.has(event)) : this.all;
    this.all = [fresh, changed].filter(({ length }) => length > 0).reduce(merged, kept);
    for (const event of [...fresh, ...changed]) this.#byId.set(event.id, event);
    return { fresh, changed };
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
