/**
 * Tells screen readers how many events came, from time to time, and not each line.
 * @module
 */

import { counted } from "./text.js";

const SECONDS_BETWEEN = 5;

export class Announcer {
  #region;
  #events = 0;
  #errors = 0;
  #text = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #last = 0;

  /** @param {HTMLElement} region with role="status" */
  constructor(region) {
    this.#region = region;
  }

  /**
   * @param {number} events
   * @param {number} errors how many of them are errors
   */
  add(events, errors) {
    this.#events += events;
    this.#errors += errors;
    this.#soon();
  }

  /** @param {string} text of which only the latest is said; empty: nothing */
  say(text) {
    if (!text) return;
    this.#text = text;
    this.#soon();
  }

  #soon() {
    const wait = Math.max(300, this.#last + SECONDS_BETWEEN * 1000 - Date.now());
    this.#timer ??= setTimeout(() => this.#flush(), wait);
  }

  #flush() {
    const errors = this.#errors ? `, ${counted(this.#errors, "error")} among them` : "";
    const events = this.#events ? `${counted(this.#events, "new event")}${errors}.` : "";
    this.#region.textContent = [this.#text, events].filter(Boolean).join(" ");
    this.#events = this.#errors = 0;
    this.#text = "";
    this.#timer = undefined;
    this.#last = Date.now();
  }
}
