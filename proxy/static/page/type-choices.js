/**
 * The filter by type: the types that were seen as buttons, and a field for any other.
 * @module
 */

import { makeButton } from "./dom.js";
import { levelOf } from "./levels.js";

// What the API takes; a type of another form can be shown, and cannot be asked for.
const ASKABLE = /^[a-z][a-z0-9_]{0,99}$/;
const ORDER = { error: 0, warning: 1, milestone: 2, info: 2 };

export class TypeChoices {
  #group;
  #options;
  #choose;
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  #chosen = "";

  /**
   * @param {HTMLElement} group
   * @param {HTMLElement} options of the field
   * @param {(type: string) => void} choose called with "" for all types
   */
  constructor(group, options, choose) {
    this.#group = group;
    this.#options = options;
    this.#choose = choose;
    // Worth a click before the first one has come, too.
    for (const type of ["", "error", "warning"]) this.#add(type);
  }

  /** @param {Iterable<string>} types */
  see(types) {
    for (const type of types) if (ASKABLE.test(type)) this.#add(type);
  }

  /** @param {string} type */
  mark(type) {
    this.#chosen = type;
    if (type && ASKABLE.test(type)) this.#add(type);
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(name === type));
  }

  /** @param {string} type */
  #add(type) {
    if (this.#buttons.has(type)) return;
    const button = makeButton(`chip level-${levelOf(type)}`, type || "All types", () => this.#choose(type));
    button.setAttribute("aria-pressed", String(type === this.#chosen));
    const after = [...this.#buttons].filter(([other]) => comesBefore(type, other)).map(([, other]) => other);
    this.#buttons.set(type, button);
    // Only the new one is moved: the focus may be on another.
    this.#group.insertBefore(button, after.sort(inDocument)[0] ?? null);
    if (type) this.#options.append(new Option(type));
  }
}

/**
 * @param {string} type
 * @param {string} other
 */
function comesBefore(type, other) {
  if (type === "" || other === "") return type === "";
  return (ORDER[levelOf(type)] - ORDER[levelOf(other)] || (type < other ? -1 : 1)) < 0;
}

/**
 * @param {Node} a
 * @param {Node} b
 */
function inDocument(a, b) {
  return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
