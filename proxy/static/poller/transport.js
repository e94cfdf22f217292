/**
 * One request to the events API and what came of it.
 * @module
 */

import { EventsError } from "./errors.js";
import { SessionEvent } from "./event.js";
import { parts } from "./json-text.js";

// The server gives up after 15 s by default; a connection that is silent for longer is dead.
const LONGEST_SILENCE_SECONDS = 30;

/**
 * @typedef {object} Pagination
 * @property {number} page
 * @property {number} per_page
 * @property {number} total
 * @property {number} total_pages
 * @property {boolean} has_next
 * @property {boolean} has_prev
 * @property {number} returned
 * @property {string | null} next asks for the following page of this walk; null on its last one
 */

/**
 * @typedef {object} Session
 * @property {string} status
 * @property {boolean} ended whether the status is one after which nothing more is written
 * @property {string} session_type
 * @property {string} project_path
 * @property {string} created_at
 * @property {string | null} completed_at
 */

/**
 * @typedef {object} Page
 * @property {SessionEvent[]} items newest first
 * @property {Pagination} pagination
 * @property {Session} session
 * @property {string} timestamp the server's time of the request, of the first one where this is a page of a walk
 * @property {string} cursor for what this answer, or the first one of the walk, could not yet see
 * @property {number} pollInterval seconds to wait before the next poll
 * @property {number} clockAhead milliseconds by which the server's clock is ahead of this one's, to a second
 */

/**
 * @typedef {object} Query
 * @property {string} [event_type]
 * @property {string | number} [limit]
 * @property {string} [cursor]
 * @property {number} [page]
 * @property {string} [next] alone: it knows the rest
 */

/**
 * One page of events, without any retry.
 * @param {string} url
 * @param {Query} query
 * @param {{apiKey?: string, signal?: AbortSignal}} [options]
 * @returns {Promise<Page>}
 * @throws {EventsError}
 */
export async function fetchPage(url, query, { apiKey, signal } = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const address = `${url}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
  const { response, text } = await request(address, apiKey ? { "X-API-Key": apiKey } : {}, signal);
  if (response.status !== 200) throw problem(response, text);
  try {
    const pollInterval = Number(response.headers.get("X-Poll-Interval")) || 2;
    return { ...readPage(text), pollInterval, clockAhead: clockAhead(response) };
  } catch {
    throw new EventsError("unreadable", "The answer is not one of the events API.");
  }
}

/**
 * @param {string} text
 * @returns {Omit<Page, "pollInterval" | "clockAhead">}
 */
function readPage(text) {
  const { items, ...rest } = JSON.parse(text);
  const all = parts(text).find((part) => part.key === "items");
  const events = parts(text, all?.start).map((item, index) => {
    const data = parts(text, item.start).find((part) => part.key === "event_data");
    return new SessionEvent(items[index], text.slice(data?.start, data?.end));
  });
  return { ...rest, items: events };
}

/**
 * @param {Response} response
 * @param {string} text
 */
function problem(response, text) {
  /**
   * @type {{type?: string, title?: string, detail?: string, errors?: {parameter: string, message: string}[],
   *   largest_limit?: number | null}}
   */
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    // Not from the proxy but from something before it.
  }
  const { status } = response;
  const kind = body.type?.split("#problem-")[1] ?? "unreadable";
  const message = body.detail ?? body.title ?? `The server answered with status ${status}.`;
  return new EventsError(kind, message, {
    status,
    retryAfter: retryAfter(response),
    errors: body.errors,
    largestLimit: body.largest_limit,
  });
}

/**
 * Told by the header Date, which has whole seconds: on average half a second has passed, and less than two are no
 * difference. 0 where it cannot be read.
 * @param {Response} response
 */
function clockAhead(response) {
  const ahead = Date.parse(response.headers.get("Date") ?? "") + 500 - Date.now();
  return Math.abs(ahead) < 2000 ? 0 : ahead || 0;
}

/**
 * Retry-After in seconds, 0 without one; it may be a date.
 * @param {Response} response
 */
function retryAfter(response) {
  const value = response.headers.get("Retry-After") ?? "";
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Math.max(0, seconds || 0);
}

/**
 * A response with its body, given up when nothing comes for too long.
 * @param {string} address
 * @param {Record<string, string>} headers
 * @param {AbortSignal} [signal]
 * @throws {EventsError} network; once the signal is aborted, whatever comes of that
 */
async function request(address, headers, signal) {
  const way = new AbortController();
  const giveUp = () => way.abort();
  signal?.addEventListener("abort", giveUp);
  let timer = setTimeout(giveUp, LONGEST_SILENCE_SECONDS * 1000);
  try {
    const response = await fetch(address, { headers, cache: "no-store", signal: way.signal });
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const pieces = [];
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, LONGEST_SILENCE_SECONDS * 1000);
      pieces.push(decoder.decode(piece.value, { stream: true }));
    }
    return { response, text: pieces.join("") + decoder.decode() };
  } catch (error) {
    if (signal?.aborted) throw error;
    const silent = `The server has been silent for ${LONGEST_SILENCE_SECONDS} s.`;
    throw new EventsError("network", way.signal.aborted ? silent : "The server cannot be reached.");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}
