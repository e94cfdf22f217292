/**
 * JSON for people, with every digit as it is written.
 * @module
 */

import { endOfValue, skipSpace } from "../poller/json-text.js";

const DEEPEST_INDENT = 40;

/**
 * Valid JSON, indented for people. Strings and numbers stay as they are written. Ends after about `most` characters.
 * @param {string} text
 * @param {number} [most]
 * @returns {{text: string, complete: boolean}}
 */
export function pretty(text, most = Infinity) {
  /** @type {string[]} */
  const pieces = [];
  let length = 0;
  let depth = 0;
  let at = skipSpace(text, 0);
  while (at < text.length) {
    if (length > most) return { text: pieces.join("").slice(0, most), complete: false };
    const begin = text[at];
    let end = at + 1;
    let piece = begin;
    if (begin === "{" || begin === "[") {
      const inside = skipSpace(text, end);
      if (text[inside] === "}" || text[inside] === "]") {
        piece = begin + text[inside];
        end = inside + 1;
      } else {
        depth += 1;
        piece = begin + newLine(depth);
      }
    } else if (begin === "}" || begin === "]") {
      depth -= 1;
      piece = newLine(depth) + begin;
    } else if (begin === ",") {
      piece = begin + newLine(depth);
    } else if (begin === ":") {
      piece = ": ";
    } else {
      end = endOfValue(text, at);
      piece = text.slice(at, end);
    }
    pieces.push(piece);
    length += piece.length;
    at = skipSpace(text, end);
  }
  const whole = pieces.join("");
  return whole.length > most ? { text: whole.slice(0, most), complete: false } : { text: whole, complete: true };
}

/** @param {number} depth */
function newLine(depth) {
  // Bounded, since thousands of levels would make a text of many megabytes.
  return `\n${"  ".repeat(Math.min(depth, DEEPEST_INDENT))}`;
}
