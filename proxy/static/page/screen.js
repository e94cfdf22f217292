/**
 * Draws the page of a session: all of it, as its state is now, not for each change.
 * @module
 */

import { keepEvent } from "./address.js";
import { setWrap } from "./controls.js";
import { showConnection, showLimit, showNotice, showProgress, showSteps, showSummary, showTimes } from "./display.js";
import { byId } from "./dom.js";
import { EventView } from "./event-view.js";
import { FindBar } from "./find-bar.js";
import { showHead, showId } from "./head.js";
import { setText } from "./marked.js";
import { StepsView } from "./steps-view.js";
import { TypeFilter } from "./type-filter.js";

/** @import { PageState } from "./state.js" */

const BUSY_MILLISECONDS = 250;

export class Screen {
  view;
  findBar;

  #state;
  #types;
  #steps;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #drawing;

  /**
   * @param {PageState} state
   * @param {{loadOlder: () => void, toggleType: (type: string) => void, toggleStep: (id: string) => void}} actions
   */
  constructor(state, { loadOlder, toggleType, toggleStep }) {
    this.#state = state;
    this.view = new EventView(byId("events", HTMLElement), byId("new-events", HTMLButtonElement), {
      rowView: () => ({
        mode: state.mode,
        now: state.now,
        day: state.day,
        find: state.finder.pattern,
        step: (event) => state.steps.name(event.step_id),
        toggleWrap: () => setWrap(!document.body.classList.contains("wraps")),
      }),
      loadOlder,
      opened: keepEvent,
    });
    this.#types = new TypeFilter(byId("types", HTMLElement), byId("type-list", HTMLElement), toggleType);
    this.#steps = new StepsView(byId("step-list", HTMLElement), toggleStep);
    this.findBar = new FindBar(state, this.view, () => this.draw());
    showId(state);
  }

  /** Draws in a moment, later while much is loaded. */
  drawSoon() {
    this.#drawing ??= setTimeout(() => this.draw(), this.#state.loader.purpose ? BUSY_MILLISECONDS : 0);
  }

  draw() {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    const { finder, fresh, source } = this.#state;
    finder.update(source.shown.events);
    this.#state.fresh = 0;
    showTimes(this.#state);
    this.view.show(source.shown, fresh);
    this.#showTypes();
    showLimit(this.#state);
    this.findBar.show();
    showProgress(this.#state);
    this.tick();
    showSummary(this.#state);
  }

  /** Draws, each second, what time alone changes; and asks for numbers that may have changed. */
  tick() {
    this.view.refresh();
    showHead(this.#state);
    showSteps(this.#state, this.#steps);
    showConnection(this.#state);
    const { connection, counts } = this.#state;
    if (connection.name !== "live") return;
    const isOpen = byId("type-menu", HTMLDetailsElement).open;
    void counts.ask(isOpen ? counts.loaded.keys() : this.#types.chips);
  }

  /** Shows, or hides, what somebody has to do. */
  showNotice() {
    showNotice(this.#state);
  }

  #showTypes() {
    const { counts, filter, poller } = this.#state;
    const all = { number: poller.events.length + poller.remaining, exact: poller.loaded };
    this.#types.show(counts.loaded.keys(), filter.types, (type) => counts.of(type), all);
    setText(byId("type-menu-label", HTMLElement), `Types ${counts.loaded.size || ""}`);
  }
}
