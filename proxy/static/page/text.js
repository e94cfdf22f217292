/**
 * How the page writes what it shows: text of strangers, counts, sizes.
 * @module
 */

// Controls but tab and line feed, and characters that reorder or hide text; joiners stay, emoji and scripts need them.
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
// Many fonts lack the signs that Unicode has for these.
const ASCII_NAMES =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US";
const CONTROLS = ASCII_NAMES.split(" ");
const NUMBERS = new Intl.NumberFormat("en");
/**
 * Text with every character that could hide something or change what stands around it made visible.
 * @param {string} text
 */
export function visible(text) {
  return text.replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return `‹${CONTROLS[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`}›`;
  });
}

/**
 * The beginning of a text, on one line.
 * @param {string} text
 * @param {number} most characters
 */
export function oneLine(text, most) {
  const start = visible(text.slice(0, most)).replaceAll("\n", " ↵ ").replaceAll("\t", " ");
  return text.length > most ? `${start}…` : start;
}

/** @param {number} number */
export function count(number) {
  return NUMBERS.format(number);
}

/**
 * @param {number} number
 * @param {string} noun
 */
export function counted(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** @param {number} characters */
export function size(characters) {
  return characters < 1_000_000 ? `${count(Math.ceil(characters / 1000))} kB` : `${(characters / 1e6).toFixed(1)} MB`;
}
