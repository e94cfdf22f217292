/**
 * What the pages know of sessions: where their events are, and which ones were opened in this browser.
 * @module
 */

import { BASE } from "./base.js";
import { recall, remember } from "./storage.js";

/** @import { Session } from "../poller/transport.js" */

/** The name under which the tab keeps the API key. */
export const API_KEY = "session-events.api-key";

const RECENT = "session-events.recent";
const MOST_RECENT = 12;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/**
 * A session as it was told last.
 * @typedef {Pick<Session, "status" | "ended" | "session_type" | "project_path" | "created_at"> & {id: string}} Known
 */

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
 * @returns {Known[]}
 */
export function recentSessions() {
  try {
    /** @type {unknown} */
    const kept = JSON.parse(recall("localStorage", RECENT));
    return Array.isArray(kept) ? kept.filter((one) => findSessionId(String(one?.id)) === one?.id) : [];
  } catch {
    return [];
  }
}

/**
 * @param {string} sessionId
 * @param {Session} session
 */
export function rememberSession(sessionId, session) {
  const id = findSessionId(sessionId);
  if (!id) return;
  const { status, ended, session_type, project_path, created_at } = session;
  const others = recentSessions().filter((other) => other.id !== id);
  const kept = [{ id, status, ended, session_type, project_path, created_at }, ...others].slice(0, MOST_RECENT);
  remember("localStorage", RECENT, JSON.stringify(kept));
}

export function forgetSessions() {
  remember("localStorage", RECENT, "");
}
