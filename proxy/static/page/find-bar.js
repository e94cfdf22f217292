/**
 * The field that finds a text, with the number of hits and the ways from one to the next.
 * @module
 */

import { byId } from "./dom.js";
import { setText } from "./marked.js";
import { count } from "./text.js";

/** @import { EventView } from "./event-view.js" */
/** @import { PageState } from "./state.js" */

const WAIT_MILLISECONDS = 150;

export class FindBar {
  #state;
  #view;
  #changed;
  #field = byId("find", HTMLInputElement);
  #tools = byId("tools", HTMLDetailsElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {PageState} state
   * @param {EventView} view
   * @param {() => void} changed called when other hits are to be drawn
   */
  constructor(state, view, changed) {
    this.#state = state;
    this.#view = view;
    this.#changed = changed;
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#search(), WAIT_MILLISECONDS);
    });
    byId("find-form", HTMLFormElement).addEventListener("submit", (submit) => {
      submit.preventDefault();
      this.go(1);
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.shiftKey) return;
      event.preventDefault();
      this.go(-1);
    });
    byId("hit-up", HTMLElement).addEventListener("click", () => this.go(-1));
  }

  /** Goes to the field; whether it was elsewhere. */
  open() {
    if (document.activeElement === this.#field) return false;
    this.#tools.open = true;
    this.#field.focus();
    this.#field.select();
    return true;
  }

  /** Empties the field; whether there was something in it. */
  clear() {
    if (!this.#field.value) return false;
    this.#field.value = "";
    this.#search();
    return true;
  }

  /** @param {1 | -1} direction down or up */
  go(direction) {
    this.#search();
    const hit = this.#state.finder.go(direction, this.#view.place);
    if (hit) this.#view.goTo(hit.id, false);
    this.#changed();
  }

  /** Shows how many hits there are, in what is loaded. */
  show() {
    const { finder, loader, source } = this.#state;
    const hits = byId("hits", HTMLElement);
    const found = finder.hits.length;
    const { events, remaining } = source.shown;
    const lacks = remaining > 0 ? ` in ${count(events.length)} loaded` : "";
    const number = finder.place > 0 ? `${count(finder.place)} of ${count(found)}` : `${count(found)} found`;
    setText(hits, found > 0 ? `${number}${lacks}` : `none${lacks}`);
    byId("find-all", HTMLElement).hidden = finder.text === "" || remaining === 0 || loader.purpose !== "";
    for (const id of ["hits", "hit-up", "hit-down"]) byId(id, HTMLElement).hidden = finder.text === "";
  }

  #search() {
    clearTimeout(this.#timer);
    if (this.#field.value === this.#state.finder.text) return;
    this.#state.finder.search(this.#field.value);
    this.#changed();
  }
}
