/**
 * Reads JSON as text, so that every number keeps its digits: JSON.parse makes 9223372036854775808 a rounded double and
 * 1e400 Infinity. Nothing here recurses: PostgreSQL holds JSON that is nested thousands of levels deep.
 * @module
 */

/**
 * A part of a text: the value of `key` (of its place in an array) reaches from `start` up to, not including, `end`.
 * @typedef {{key: string, start: number, end: number}} Part
 */

/**
 * The members of the object, or the elements of the array, that begins at `start` of a valid JSON text; a scalar has
 * none.
 * @param {string} text
 * @param {number} [start]
 * @returns {Part[]}
 */
export function parts(text, start = 0) {
  /** @type {Part[]} */
  const found = [];
  let at = skipSpace(text, start);
  const isObject = text[at] === "{";
  if (!isObject && text[at] !== "[") return found;
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== "}" && text[at] !== "]") {
    let key = String(found.length);
    if (isObject) {
      const end = endOfString(text, at);
      key = JSON.parse(text.slice(at, end));
      at = skipSpace(text, skipSpace(text, end) + 1); // the colon
    }
    const end = endOfValue(text, at);
    found.push({ key, start: at, end });
    at = skipSpace(text, end);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return found;
}

/**
 * Where the value that begins at `start` ends.
 * @param {string} text
 * @param {number} start
 */
export function endOfValue(text, start) {
  if (text[start] === '"') return endOfString(text, start);
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      if (depth === 0) break;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || isSpace(character))) break;
    at += 1;
  }
  return at;
}

/**
 * @param {string} text
 * @param {number} start of the opening quote
 */
function endOfString(text, start) {
  let at = start;
  let backslashes = 0;
  do {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes += 1;
  } while (backslashes % 2 === 1);
  return at + 1;
}

/**
 * Where something begins, at `at` or after it.
 * @param {string} text
 * @param {number} at
 */
export function skipSpace(text, at) {
  while (isSpace(text[at])) at += 1;
  return at;
}

/** @param {string | undefined} character */
function isSpace(character) {
  return character === " " || character === "\n" || character === "\r" || character === "\t";
}
