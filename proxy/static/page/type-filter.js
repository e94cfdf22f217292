/**
 * The filter by types: the ones that matter most as buttons, all of them in a menu.
 * @module
 */

import { make, makeButton } from "./dom.js";
import { levelOf } from "./levels.js";
import { setText } from "./marked.js";
import { count, oneLine } from "./text.js";

/** @import { Count } from "./counts.js" */

const MOST_CHIPS = 4;
const MOST_CHOSEN_CHIPS = 12;
const ORDER = { error: 0, warning: 1, milestone: 2, info: 2 };
/** Worth a click before the first one has come, too. */
const ALWAYS = ["error", "warning"];

/** @typedef {{type: string, chosen: boolean, count: Count}} TypeChoice `type` empty: all */

export class TypeFilter {
  #chips;
  #menu;
  #toggle;
  /** @type {Map<string, HTMLElement>} */
  #buttons = new Map();
  /** @type {Map<string, HTMLElement>} */
  #boxes = new Map();

  /**
   * @param {HTMLElement} chips
   * @param {HTMLElement} menu
   * @param {(type: string) => void} toggle called with a type that is to be shown or not, "" for all types
   */
  constructor(chips, menu, toggle) {
    this.#chips = chips;
    this.#menu = menu;
    this.#toggle = toggle;
  }

  /** The types that are shown as buttons: whose numbers everybody sees. */
  get chips() {
    return [...this.#buttons.keys()].filter((type) => type !== "");
  }

  /**
   * @param {Iterable<string>} known types
   * @param {readonly string[]} chosen
   * @param {(type: string) => Count} countOf
   * @param {Count} all how many events there are
   */
  show(known, chosen, countOf, all) {
    const choices = [...new Set([...ALWAYS, ...known, ...chosen])]
      .map((type) => ({ type, chosen: chosen.includes(type), count: countOf(type) }))
      .sort(compare);
    const first = choices.slice(0, MOST_CHIPS).map(({ type }) => type);
    const pressed = chosen.slice(0, MOST_CHOSEN_CHIPS);
    const chips = choices.filter(({ type }) => first.includes(type) || pressed.includes(type));
    const whole = { type: "", chosen: chosen.length === 0, count: all };
    this.#place(this.#chips, this.#buttons, [whole, ...chips], (choice) => this.#makeChip(choice), updateChip);
    this.#place(this.#menu, this.#boxes, choices, (choice) => this.#makeBox(choice), updateBox);
  }

  /**
   * Makes a list agree with the choices; what stays keeps its element, which may have the focus.
   * @param {HTMLElement} list
   * @param {Map<string, HTMLElement>} elements
   * @param {TypeChoice[]} choices
   * @param {(choice: TypeChoice) => HTMLElement} create
   * @param {(element: HTMLElement, choice: TypeChoice) => void} update
   */
  #place(list, elements, choices, create, update) {
    const wanted = new Set(choices.map(({ type }) => type));
    for (const [type, element] of elements) {
      if (wanted.has(type)) continue;
      elements.delete(type);
      element.remove();
    }
    let before = list.firstElementChild;
    for (const choice of choices) {
      const element = elements.get(choice.type) ?? create(choice);
      elements.set(choice.type, element);
      update(element, choice);
      if (element === before) before = element.nextElementSibling;
      else list.insertBefore(element, before);
    }
  }

  /** @param {TypeChoice} choice */
  #makeChip({ type }) {
    const chip = makeButton(`chip level-${levelOf(type)}`, "", () => this.#toggle(type));
    chip.append(make("bdi", "", type ? oneLine(type, 100) : "All types"), " ", make("span", "number"));
    return chip;
  }

  /** @param {TypeChoice} choice */
  #makeBox({ type }) {
    const box = make("input", "");
    box.type = "checkbox";
    box.addEventListener("change", () => this.#toggle(type));
    const name = make("bdi", `type-name level-${levelOf(type)}`, oneLine(type, 100));
    const item = make("li", "", make("label", "", box, name, " ", make("span", "number")));
    item.dataset.type = type;
    return item;
  }
}

/**
 * @param {HTMLElement} chip
 * @param {TypeChoice} choice
 */
function updateChip(chip, { chosen, count: { number, exact } }) {
  chip.setAttribute("aria-pressed", String(chosen));
  setText(chip.querySelector(".number"), numberText(number, exact));
}

/**
 * @param {HTMLElement} item
 * @param {TypeChoice} choice
 */
function updateBox(item, { chosen, count: { number, exact } }) {
  const box = item.querySelector("input");
  if (box) box.checked = chosen;
  setText(item.querySelector(".number"), numberText(number, exact));
}

/**
 * "12", or "12+" where there may be more; nothing where nothing is known.
 * @param {number} number
 * @param {boolean} exact
 */
function numberText(number, exact) {
  if (exact) return count(number);
  return number > 0 ? `${count(number)}+` : "";
}

/**
 * @param {TypeChoice} a
 * @param {TypeChoice} b
 */
function compare(a, b) {
  return ORDER[levelOf(a.type)] - ORDER[levelOf(b.type)] || (a.type < b.type ? -1 : 1);
}
