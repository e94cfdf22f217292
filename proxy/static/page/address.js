/**
 * What the page's address asks for: a session, and which of its events.
 * @module
 */

import { BASE } from "./base.js";

/**
 * Both empty unless the address says: then all types, and as many events a page as the API gives.
 * @typedef {{type: string, limit: string}} Filter
 */

/** The id in the address, which may be any text. */
export function sessionIdOfAddress() {
  const text = location.pathname.slice(BASE.length).split("/")[1] ?? "";
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @returns {Filter} */
export function filterOfAddress() {
  const given = new URLSearchParams(location.search);
  return { type: given.get("event_type") ?? "", limit: given.get("limit") ?? "" };
}

/**
 * Keeps the filter in the address, so that it can be passed on.
 * @param {Filter} filter
 */
export function keepInAddress(filter) {
  history.replaceState(null, "", withFilter(location.pathname, filter));
}

/**
 * A path that asks for what a filter leaves.
 * @param {string} path
 * @param {Filter} filter
 */
export function withFilter(path, { type, limit }) {
  const asked = new URLSearchParams();
  if (type) asked.set("event_type", type);
  if (limit) asked.set("limit", limit);
  return asked.size > 0 ? `${path}?${asked}` : path;
}
