/**
 * What the pages know of sessions: where their events are, and which ones were opened in this browser.
 * @module
 */

import { BASE } from "./base.js";
import { recall, remember } from "./storage.js";

/** The name under which the tab keeps the API key. */
export const API_KEY = "session-events.api-key";

const RECENT = "session-events.recent";
const MOST_RECENT = 8;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** @param {string} sessionId */
export function eventsUrl(sessionId) {
  return `${BASE}api/v2/sessions/${encodeURIComponent(sessionId)}/events`;
}

/** @param {string} sessionId */
export function pageUrl(sessionId) {
  return `${BASE}sessions/${encodeURIComponent(sessionId)}`;
}

/**
 * The session id in a text, which may be an address or a line of a log.
 * @param {string} text
 */
export function findSessionId(text) {
  return UUID.exec(text)?.[0].toLowerCase();
}

/**
 * The sessions that were opened last, the last one first.
 * @returns {string[]}
 */
export function recentSessions() {
  return recall("localStorage", RECENT)
    .split(" ")
    .filter((id) => findSessionId(id) === id);
}

/** @param {string} sessionId */
export function rememberSession(sessionId) {
  const id = findSessionId(sessionId);
  if (!id) return;
  const others = recentSessions().filter((other) => other !== id);
  remember("localStorage", RECENT, [id, ...others].slice(0, MOST_RECENT).join(" "));
}
