/**
 * The steps as bars on one scale of time; a click on one shows its events.
 * @module
 */

import { make, makeButton } from "./dom.js";
import { setText } from "./marked.js";
import { isRunning, startOf } from "./steps.js";
import { oneLine } from "./text.js";
import { duration } from "./times.js";

/** @import { Step } from "./steps.js" */

const MOST_SHOWN = 100;

export class StepsView {
  #list;
  #choose;
  /** @type {Map<string, HTMLElement>} */
  #items = new Map();
  #more = make("li", "step-more");

  /**
   * @param {HTMLElement} list
   * @param {(id: string) => void} choose called when a step is clicked
   */
  constructor(list, choose) {
    this.#list = list;
    this.#choose = choose;
  }

  /**
   * Draws the steps, the latest ones where there are very many.
   * @param {Step[]} steps in the order of their beginning
   * @param {{active: boolean, now: number, chosen: string}} session whether it may still write, the time, and the step
   *   whose events are shown
   */
  show(steps, { active, now, chosen }) {
    const shown = steps.slice(-MOST_SHOWN);
    const until = (/** @type {Step} */ step) =>
      step.end ?? (active && isRunning(step) ? Math.max(now, step.last) : step.last);
    const earliest = Math.min(...shown.map(startOf));
    const span = Math.max(1, Math.max(...shown.map(until)) - earliest);
    this.#place(shown);
    for (const step of shown) {
      const begun = startOf(step) - earliest;
      const lasted = until(step) - startOf(step);
      const bar = { begin: begun / span, length: lasted / span };
      fill(
        this.#items.get(step.id),
        step,
        stateOf(step, active),
        step.start === undefined ? "" : duration(lasted),
        bar,
        step.id === chosen,
      );
    }
    this.#more.hidden = shown.length === steps.length;
    setText(this.#more, `${steps.length - shown.length} earlier steps are not shown`);
    if (!this.#more.hidden) this.#list.prepend(this.#more);
  }

  /**
   * Makes the list agree with the steps; what stays keeps its element, which may have the focus.
   * @param {Step[]} steps
   */
  #place(steps) {
    const ids = new Set(steps.map(({ id }) => id));
    for (const [id, item] of this.#items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    let before = this.#list.querySelector(".step-item");
    for (const { id } of steps) {
      const item = this.#items.get(id) ?? this.#make(id);
      if (item === before) before = item.nextElementSibling;
      else this.#list.insertBefore(item, before);
    }
  }

  /** @param {string} id */
  #make(id) {
    const button = makeButton("step-button", "", () => this.#choose(id));
    button.append(
      make("span", "step-head", make("bdi", "step-name"), make("span", "step-time")),
      make("span", "step-track", make("span", "step-bar")),
      make("span", "step-foot", make("span", "step-state")),
    );
    const item = make("li", "step-item", button);
    this.#items.set(id, item);
    return item;
  }
}

/**
 * @param {HTMLElement | undefined} item
 * @param {Step} step
 * @param {string} state
 * @param {string} lasted
 * @param {{begin: number, length: number}} bar parts of the whole
 * @param {boolean} chosen
 */
function fill(item, step, state, lasted, { begin, length }, chosen) {
  if (!item) return;
  item.dataset.state = state;
  item.querySelector("button")?.setAttribute("aria-pressed", String(chosen));
  setText(item.querySelector(".step-name"), oneLine(step.name, 200));
  setText(item.querySelector(".step-time"), lasted);
  setText(item.querySelector(".step-state"), oneLine(state, 40));
  const bar = /** @type {HTMLElement} */ (item.querySelector(".step-bar"));
  bar.style.marginLeft = `${begin * 100}%`;
  bar.style.width = `${length * 100}%`;
}

/**
 * @param {Step} step
 * @param {boolean} active
 */
function stateOf(step, active) {
  if (step.end !== undefined) return step.status;
  if (step.start === undefined) return "not started";
  return active ? "running" : "not completed";
}
