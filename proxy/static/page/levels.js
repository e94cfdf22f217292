/**
 * How much events stand out, by their type.
 * @module
 */

/** @import { SessionEvent } from "../poller/events-poller.js" */

/** @typedef {"error" | "warning" | "milestone" | "info"} Level */

/** What the API takes as a type; one of another form can be shown, and cannot be asked for. */
export const ASKABLE = /^[a-z][a-z0-9_]{0,99}$/;

/**
 * How much a type of events stands out.
 * @param {string} type
 * @returns {Level}
 */
export function levelOf(type) {
  if (/(^|_)(error|failed|failure|fatal|critical)$/.test(type)) return "error";
  if (/(^|_)(warning|warn)$/.test(type)) return "warning";
  if (/^(session|workflow|status|step|artifact)_/.test(type)) return "milestone";
  return "info";
}

/**
 * How many events there are of each level.
 * @param {readonly SessionEvent[]} events
 */
export function countLevels(events) {
  const counts = { error: 0, warning: 0, milestone: 0, info: 0 };
  for (const { event_type: type } of events) counts[levelOf(type)] += 1;
  return counts;
}
