/**
 * How the page writes what it shows: text of strangers, times, durations, counts.
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
const DATE_AND_TIME = new Intl.DateTimeFormat("en-GB", {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
/** @type {[number, string][]} */
const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** The name of the time zone in which times are shown. */
export const timeZone = DATE_AND_TIME.resolvedOptions().timeZone;

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

/**
 * A timestamp of the API in the reader's time zone, "2026-01-13 15:30:00.123"; unchanged where no clock shows it.
 * @param {string} timestamp
 */
export function absoluteTime(timestamp) {
  const moment = Date.parse(timestamp);
  const year = new Date(moment).getFullYear();
  if (!(year >= 1 && year <= 9999)) return timestamp;
  const { day, month, hour, minute, second, fractionalSecond } = Object.fromEntries(
    DATE_AND_TIME.formatToParts(moment).map(({ type, value }) => [type, value]),
  );
  return `${String(year).padStart(4, "0")}-${month}-${day} ${hour}:${minute}:${second}.${fractionalSecond}`;
}

/**
 * "12 s ago", or the absolute time where there is no such thing.
 * @param {string} timestamp
 * @param {number} now in milliseconds
 */
export function relativeTime(timestamp, now) {
  const seconds = (now - Date.parse(timestamp)) / 1000;
  if (Number.isNaN(seconds)) return absoluteTime(timestamp);
  if (Math.abs(seconds) < 1) return "now";
  const [size, unit] = UNITS.find(([least]) => Math.abs(seconds) >= least) ?? [1, "s"];
  const amount = `${count(Math.floor(Math.abs(seconds) / size))} ${unit}`;
  return seconds < 0 ? `in ${amount}` : `${amount} ago`;
}

/**
 * A span of time, "850 ms", "12.4 s", "2 min 05 s".
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${count(Math.floor(seconds / 3600))} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

/** @param {number} characters */
export function size(characters) {
  return characters < 1_000_000 ? `${count(Math.ceil(characters / 1000))} kB` : `${(characters / 1e6).toFixed(1)} MB`;
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}
