/**
 * What somebody should know and may put away: one line each.
 * @module
 */

import { make, makeButton } from "./dom.js";

export class Notes {
  #place;
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
  }

  /**
   * Shows a note in place of an earlier one about the same.
   * @param {string} about
   * @param {string} text
   * @param {{label: string, act: () => void}} [action]
   */
  show(about, text, action) {
    this.hide(about);
    const note = make("div", "strip note", make("p", "", text));
    note.setAttribute("role", "alert");
    if (action) note.append(makeButton("", action.label, action.act));
    const close = makeButton("quiet", "✕", () => this.hide(about));
    close.setAttribute("aria-label", "Close this note");
    note.append(close);
    this.#shown.set(about, note);
    this.#place.append(note);
  }

  /** @param {string} about */
  hide(about) {
    this.#shown.get(about)?.remove();
    this.#shown.delete(about);
  }
}
