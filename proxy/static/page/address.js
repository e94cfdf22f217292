/**
 * What the page's address asks for: a session, which of its events, and the one that is open.
 * @module
 */

import { BASE } from "./base.js";

/**
 * All empty unless the address says: then all types, all steps, and as many events a page as the page likes.
 * @typedef {{types: readonly string[], step: string, limit: string}} Filter
 */

const KNOWN = ["event_type", "step", "limit"];
const EVENT = /^#event=(.+)$/;

/** The id in the address, which may be any text. */
export function sessionIdOfAddress() {
  return decoded(location.pathname.slice(BASE.length).split("/")[1] ?? "");
}

/** @returns {Filter} */
export function filterOfAddress() {
  const given = new URLSearchParams(location.search);
  const types = new Set(given.getAll("event_type").filter((type) => type !== ""));
  return { types: [...types], step: given.get("step") ?? "", limit: given.get("limit") ?? "" };
}

/** The parameters of the address that mean nothing here. */
export function unknownInAddress() {
  return [...new Set(new URLSearchParams(location.search).keys())].filter((name) => !KNOWN.includes(name));
}

/** The id of the event that the address names; empty: none. */
export function eventOfAddress() {
  return decoded(EVENT.exec(location.hash)?.[1] ?? "");
}

/**
 * Keeps the filter in the address, so that it can be passed on and undone with the browser's way back.
 * @param {Filter} filter
 */
export function pushFilter(filter) {
  history.pushState(null, "", withFilter(location.pathname, filter));
}

/**
 * Names the open event in the address, without a step in the browser's history.
 * @param {string} id empty: none
 */
export function keepEvent(id) {
  if (id === eventOfAddress()) return;
  const { pathname, search } = location;
  history.replaceState(null, "", `${pathname}${search}${id ? eventHash(id) : ""}`);
}

/** @param {string} id of an event */
export function linkToEvent(id) {
  return `${location.origin}${location.pathname}${eventHash(id)}`;
}

/**
 * A path that asks for what a filter leaves.
 * @param {string} path
 * @param {Filter} filter
 */
function withFilter(path, { types, step, limit }) {
  const asked = new URLSearchParams(types.map((type) => ["event_type", type]));
  if (step) asked.set("step", step);
  if (limit) asked.set("limit", limit);
  return asked.size > 0 ? `${path}?${asked}` : path;
}

/** @param {string} id */
function eventHash(id) {
  return `#event=${encodeURIComponent(id)}`;
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
