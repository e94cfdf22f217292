/**
 * What the page says about its connection: a few words beside a dot, and a notice where somebody has to do something.
 * @module
 */

import { count } from "./text.js";

/** @import { State } from "../poller/events-poller.js" */

/**
 * The few words.
 * @param {State} state
 * @param {number} since seconds that it lasts
 * @param {boolean} active whether the session may still write
 */
export function connectionText(state, since, active) {
  const seconds = Math.max(0, Math.ceil((state.seconds ?? 0) - since));
  switch (state.name) {
    case "loading":
      return "Loading…";
    case "live":
      return active ? `Live · every ${state.seconds} s` : `Session ended · checks every ${state.seconds} s`;
    case "behind":
      return `Catching up · ${count(state.remaining ?? 0)} to go`;
    case "retrying":
      return seconds > 0 ? `Retrying in ${seconds} s · ${state.error?.message}` : `Trying · ${state.error?.message}`;
    case "paused":
      return "Paused";
    case "stopped":
      return "Stopped";
  }
}

/**
 * What a screen reader says when a state begins; nothing where that is no news.
 * @param {State} state
 * @param {State} before
 */
export function announcement(state, before) {
  if (state.name === "retrying" && before.name !== "retrying") return `No connection: ${state.error?.message}`;
  if (state.name === "live" && before.name === "retrying") return "Connected again.";
  if (state.name === "paused") return "Paused.";
  return "";
}

/**
 * The notice about what stopped polling.
 * @param {State} state
 * @param {boolean} hadKey
 * @returns {{title: string, text: string, asksForKey: boolean} | undefined}
 */
export function notice({ name, error }, hadKey) {
  if (name !== "stopped" || !error) return undefined;
  const asksForKey = error.kind === "unauthorized";
  if (asksForKey && !hadKey) {
    return { title: "An API key is needed", text: "This server shows events to those who have one.", asksForKey };
  }
  if (asksForKey) {
    return { title: "This API key is not accepted", text: "The server does not know it. Try another one.", asksForKey };
  }
  if (error.kind === "session-not-found") {
    return { title: "Session not found", text: `${error.message}. It may have been deleted.`, asksForKey };
  }
  if (error.errors.some((fault) => fault.parameter === "session_id")) {
    return { title: "This is not a session id", text: error.message, asksForKey };
  }
  return { title: "The server refused this request", text: error.message, asksForKey };
}
