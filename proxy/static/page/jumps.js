/**
 * Ways to an event that may not be loaded yet: the first one, the next error, one that the address names.
 * @module
 */

import { EventsError } from "../poller/events-poller.js";
import { levelOf } from "./levels.js";
import { MOST_EVENTS } from "./loader.js";
import { startOf } from "./steps.js";
import { count } from "./text.js";

/** @import { EventView } from "./event-view.js" */
/** @import { Outcome } from "./loader.js" */
/** @import { Notes } from "./notes.js" */
/** @import { PageState } from "./state.js" */

const ABOUT = "jump";

export class Jumps {
  #state;
  #view;
  #notes;
  #draw;
  #showAll;

  /**
   * @param {PageState} state
   * @param {EventView} view
   * @param {Notes} notes
   * @param {{draw: () => void, showAll: () => void}} page draws at once what was loaded; shows what the filter hides
   */
  constructor(state, view, notes, { draw, showAll }) {
    this.#state = state;
    this.#view = view;
    this.#notes = notes;
    this.#draw = draw;
    this.#showAll = showAll;
  }

  /** Loads all that the filter leaves. */
  async loadAll() {
    this.#say(await this.#load("Loading all events", () => false), () => this.loadAll());
  }

  /** Goes to the first event of all. */
  async toFirst() {
    const outcome = await this.#load("Loading down to the first event", () => false);
    this.#say(outcome, () => this.toFirst());
    const first = this.#state.source.shown.events.at(-1);
    if (outcome === "ended" && first) this.#view.goTo(first.id, false);
  }

  /**
   * Goes to the next error from where the list is, round the end.
   * @param {1 | -1} direction down or up
   */
  async toError(direction) {
    let from = this.#view.place + (this.#view.hasActive ? direction : 0);
    const find = () => {
      const { events, joined } = this.#state.source.shown;
      if (direction < 0) return events.findLastIndex((event, index) => index <= from && isError(event));
      while (from < joined && !isError(events[from])) from += 1;
      return from < joined ? from : -1;
    };
    const outcome = direction > 0 ? await this.#load("Looking for an error", () => find() >= 0) : "ended";
    if (outcome !== "reached" && outcome !== "ended") return this.#say(outcome, () => this.toError(direction));
    const { events } = this.#state.source.shown;
    const beyond = direction > 0 ? events.findIndex(isError) : events.findLastIndex(isError);
    const place = find() >= 0 ? find() : beyond;
    if (place >= 0) this.#view.goTo(events[place].id, false);
    else this.#notes.show(ABOUT, `There is no error among the ${count(events.length)} events that are shown.`);
  }

  /**
   * Opens the event that the address names.
   * @param {string} id
   */
  async toLinked(id) {
    const isThere = () => this.#state.source.shown.events.some((event) => event.id === id);
    const outcome = await this.#load("Looking for the linked event", isThere);
    if (outcome === "reached") this.#view.goTo(id, true);
    else if (outcome !== "ended") this.#say(outcome, () => this.toLinked(id));
    else if (this.#state.isFiltered) {
      const text = "The linked event is not among those that the filter leaves.";
      this.#notes.show(ABOUT, text, { label: "Look in all events", act: this.#showAll });
    } else this.#notes.show(ABOUT, "This session has no event with the id that the address names.");
  }

  /**
   * Loads all events of a step: down to before it began.
   * @param {string} id
   */
  async toStep(id) {
    const { steps } = this.#state;
    const isPast = () => {
      const { poller, source } = this.#state;
      const step = steps.get(id);
      const lowest = poller.events[poller.joined - 1];
      return source.loaded && step?.start !== undefined && lowest && Date.parse(lowest.timestamp) < startOf(step);
    };
    this.#say(await this.#load("Loading the events of this step", () => Boolean(isPast())), () => this.toStep(id));
  }

  /**
   * @param {string} purpose
   * @param {() => boolean} reached
   */
  async #load(purpose, reached) {
    this.#notes.hide(ABOUT);
    const { loader, poller, source } = this.#state;
    if (!poller.loaded) return "stopped";
    const outcome = await loader.load(source, purpose, reached);
    this.#draw();
    return source === this.#state.source ? outcome : "stopped";
  }

  /**
   * @param {Outcome} outcome
   * @param {() => void} goOn
   */
  #say(outcome, goOn) {
    const action = { label: "Go on", act: goOn };
    if (outcome instanceof EventsError) this.#notes.show(ABOUT, `Loading has ended: ${outcome.message}`, action);
    if (outcome === "full") {
      this.#notes.show(ABOUT, `${count(MOST_EVENTS)} events are loaded, and more would be too many for a browser.`);
    }
  }
}

/** @param {{event_type: string}} event */
function isError({ event_type: type }) {
  return levelOf(type) === "error";
}
