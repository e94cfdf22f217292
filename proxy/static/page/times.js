/**
 * How the page writes times and spans of time.
 * @module
 */

import { count } from "./text.js";

/** @typedef {"relative" | "local" | "utc"} TimeMode */

/** @type {Intl.DateTimeFormatOptions} */
const PARTS = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
};
const FORMATS = {
  local: new Intl.DateTimeFormat("en-GB", PARTS),
  utc: new Intl.DateTimeFormat("en-GB", { ...PARTS, timeZone: "UTC" }),
};
/** @type {[number, string][]} */
const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** The name of the reader's time zone. */
export const timeZone = FORMATS.local.resolvedOptions().timeZone;

/**
 * A timestamp of the API on a clock, "2026-01-13 15:30:00.123"; unchanged where no clock shows it.
 * @param {string} timestamp
 * @param {"local" | "utc"} zone
 */
export function clockTime(timestamp, zone) {
  const moment = Date.parse(timestamp);
  const year = new Date(moment).getFullYear();
  if (!(year >= 1 && year <= 9999)) return timestamp;
  const { day, month, hour, minute, second, fractionalSecond } = Object.fromEntries(
    FORMATS[zone].formatToParts(moment).map(({ type, value }) => [type, value]),
  );
  return `${String(year).padStart(4, "0")}-${month}-${day} ${hour}:${minute}:${second}.${fractionalSecond}`;
}

/**
 * A timestamp as a line has room for it: on a clock without the day that most events are of; of another day without
 * the year, to a second; of another year its day.
 * @param {string} timestamp
 * @param {{mode: TimeMode, now: number, day: string}} view `day` in the same zone, such as "2026-01-13"
 */
export function lineTime(timestamp, { mode, now, day }) {
  if (mode === "relative") return relativeTime(timestamp, now);
  const [date, time] = clockTime(timestamp, mode).split(" ");
  if (time === undefined) return date;
  if (date === day) return time;
  const [year, ofYear] = [date.slice(0, 4), date.slice("2026-".length)];
  return year === day.slice(0, 4) ? `${ofYear} ${time.slice(0, -".123".length)}` : date;
}

/**
 * "12 s ago", or the time on a clock where there is no such thing.
 * @param {string} timestamp
 * @param {number} now in milliseconds
 */
export function relativeTime(timestamp, now) {
  const seconds = (now - Date.parse(timestamp)) / 1000;
  if (Number.isNaN(seconds)) return clockTime(timestamp, "local");
  if (Math.abs(seconds) < 1) return "now";
  const [size, unit] = UNITS.find(([least]) => Math.abs(seconds) >= least) ?? [1, "s"];
  const amount = `${count(Math.floor(Math.abs(seconds) / size))} ${unit}`;
  return seconds < 0 ? `in ${amount}` : `${amount} ago`;
}

/**
 * A span of time, "850 ms", "12.4 s", "2 min 05 s", "3 d 04 h".
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return `${count(Math.floor(seconds / 86_400))} d ${two(Math.floor((seconds % 86_400) / 3600))} h`;
}

/** @param {number} number */
function two(number) {
  return String(number).padStart(2, "0");
}
