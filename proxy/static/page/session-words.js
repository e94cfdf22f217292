/**
 * What a session's row says, in words.
 * @module
 */

import { oneLine } from "./text.js";
import { duration } from "./times.js";

/** @import { Session } from "../poller/transport.js" */

/** @typedef {"running" | "waiting" | "good" | "bad" | "off" | "other"} StatusKind */

/** @type {Record<string, {words: string, kind: StatusKind, mark: string}>} */
const STATUSES = {
  pending: { words: "pending", kind: "waiting", mark: "…" },
  in_progress: { words: "in progress", kind: "running", mark: "▶" },
  paused: { words: "paused", kind: "waiting", mark: "‖" },
  completed: { words: "completed", kind: "good", mark: "✓" },
  failed: { words: "failed", kind: "bad", mark: "✕" },
  cancelled: { words: "cancelled", kind: "off", mark: "–" },
};
/** @type {Record<string, string>} */
const STILL = { pending: "waiting for", in_progress: "running for" };

/**
 * A status in words; one that nobody knows as it is.
 * @param {string} status
 */
export function statusOf(status) {
  const known = Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined;
  return known ?? { words: oneLine(status, 40) || "no status", kind: /** @type {StatusKind} */ ("other"), mark: "•" };
}

/**
 * The last part of a project's path; the whole where it has no parts.
 * @param {string} path
 */
export function projectName(path) {
  const last = path.split(/[/\\]+/).findLast((part) => part !== "");
  return oneLine(last ?? path, 80);
}

/**
 * How long a session took, or has taken so far.
 * @param {Session} session
 * @param {string | undefined} last timestamp of the newest event
 * @param {number} now in milliseconds, by the server's clock
 */
export function spanOf({ status, ended, created_at: created, completed_at: completed }, last, now) {
  const since = Date.parse(created);
  const lasted = (/** @type {number} */ until) => duration(Math.max(0, until - since));
  if (Number.isNaN(since)) return "";
  if (completed && !Number.isNaN(Date.parse(completed))) return `took ${lasted(Date.parse(completed))}`;
  if (!ended) return `${Object.hasOwn(STILL, status) ? STILL[status] : "open for"} ${lasted(now)}`;
  // Some writers leave completed_at empty.
  return last && !Number.isNaN(Date.parse(last)) ? `${lasted(Date.parse(last))} to its last event` : "";
}
