/**
 * Text in the document, with what was found in it marked.
 * @module
 */

import { make } from "./dom.js";

const MOST_MARKS = 1000;
/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * Sets the text of an element, unless it shows just that.
 * @param {Element | null} element
 * @param {string} text
 * @param {RegExp} [pattern] with the flag g
 */
export function setText(element, text, pattern) {
  const key = `${pattern?.source ?? ""}\n${text}`;
  if (!element || shown.get(element) === key) return;
  shown.set(element, key);
  if (pattern) element.replaceChildren(...marked(text, pattern));
  else element.textContent = text;
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function marked(text, pattern) {
  const nodes = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (nodes.length > 2 * MOST_MARKS) break;
    nodes.push(text.slice(at, index), make("mark", "", found));
    at = index + found.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}
