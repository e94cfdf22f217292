/**
 * The time between events, and which of it was a pause.
 * @module
 */

import { duration } from "./times.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */

const LEAST_PAUSE_MILLISECONDS = 10_000;
const TIMES_THE_USUAL = 10;
const MOST_SAMPLED = 500;

/**
 * The span from which on a gap stands out: far longer than the usual one, which the median tells.
 * @param {readonly SessionEvent[]} events newest first
 */
export function pauseOf(events) {
  const every = Math.max(1, Math.floor(events.length / MOST_SAMPLED));
  const gaps = [];
  for (let at = 0; at + 1 < events.length; at += every) gaps.push(between(events[at], events[at + 1]));
  gaps.sort((a, b) => a - b);
  return Math.max(LEAST_PAUSE_MILLISECONDS, TIMES_THE_USUAL * (gaps[Math.floor((gaps.length - 1) / 2)] || 0));
}

/**
 * The time between an event and the one before it, in words.
 * @param {SessionEvent} event
 * @param {SessionEvent | undefined} before undefined where it is not known
 * @param {number} pause from which on it is long
 */
export function gapBefore(event, before, pause) {
  const gap = before ? between(event, before) : Number.NaN;
  if (Number.isNaN(gap) || gap === Infinity) return { text: "", long: false };
  return { text: gap < 1 ? "" : `+${duration(gap)}`, long: gap >= pause };
}

/**
 * @param {SessionEvent} event
 * @param {SessionEvent} before
 */
function between(event, before) {
  return Date.parse(event.timestamp) - Date.parse(before.timestamp);
}
