/**
 * A text of any length in an open event: its beginning, and the rest on demand.
 * @module
 */

import { make, makeButton } from "./dom.js";
import { setText } from "./marked.js";
import { counted, oneLine, size, visible } from "./text.js";

const FOLDED_LINES = 20;
const LINES_NOT_FOLDED = 30;
const FOLDED_CHARACTERS = 10_000;
const CHARACTERS_COUNTED = 200_000;

/** @typedef {(most: number) => {text: string, complete: boolean}} Cut the first `most` characters, as they are shown */

/**
 * What each block shows now.
 * @type {WeakMap<Element, string>}
 */
const shown = new WeakMap();

/**
 * @param {string} label
 * @param {Cut} cut
 * @param {number} length of the whole, in characters
 */
export function makeTextBlock(label, cut, length) {
  const block = make("pre", "text");
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", oneLine(label, 100));
  const start = beginning(cut);
  show(block, start.complete ? start.text : `${start.text}…`);
  if (start.complete) return [block];
  const all = length < CHARACTERS_COUNTED ? counted(cut(Infinity).text.split("\n").length, "line") : size(length);
  const closed = `Show all ${all}`;
  let folded = true;
  const more = makeButton("quiet", closed, () => {
    folded = !folded;
    show(block, folded ? `${start.text}…` : cut(Infinity).text);
    block.classList.toggle("whole", !folded);
    more.textContent = folded ? closed : "Show less";
    more.setAttribute("aria-expanded", String(!folded));
  });
  more.setAttribute("aria-expanded", "false");
  return [block, more];
}

/**
 * Marks what is found in the blocks below an element.
 * @param {Element} below
 * @param {RegExp | undefined} pattern
 */
export function markBlocks(below, pattern) {
  for (const block of below.querySelectorAll("pre.text")) setText(block, shown.get(block) ?? "", pattern);
}

/**
 * @param {Element} block
 * @param {string} text
 */
function show(block, text) {
  shown.set(block, visible(text));
  setText(block, visible(text));
}

/** @param {Cut} cut */
function beginning(cut) {
  const { text, complete } = cut(FOLDED_CHARACTERS);
  const lines = text.split("\n", LINES_NOT_FOLDED + 1);
  if (lines.length <= LINES_NOT_FOLDED) return { text, complete };
  return { text: lines.slice(0, FOLDED_LINES).join("\n"), complete: false };
}
