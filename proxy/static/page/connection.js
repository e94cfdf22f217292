/**
 * What the page says about its connection: a few words beside a dot, a banner while the server is away, and a notice
 * where somebody has to do something.
 * @module
 */

import { statusOf } from "./session-words.js";
import { count, oneLine } from "./text.js";

/** @import { EventsError, State } from "../poller/events-poller.js" */
/** @import { Session } from "../poller/transport.js" */

const LIVE = "Live";

/**
 * How often the server is asked; empty while it is not.
 * @param {State} state
 * @param {Session | undefined} session as it was told last
 */
export function paceText({ name, seconds }, session) {
  if (name !== "live") return "";
  return session && liveText(session) !== LIVE ? `· checks every ${seconds} s` : `· every ${seconds} s`;
}

/**
 * The few words.
 * @param {State} state
 * @param {Session | undefined} session as it was told last
 */
export function connectionText(state, session) {
  switch (state.name) {
    case "loading":
      return "Loading…";
    case "live":
      return liveText(session);
    case "behind":
      return `Catching up · ${count(state.remaining ?? 0)} to go`;
    case "retrying":
      return "No connection";
    case "paused":
      return "Not updating";
    case "stopped":
      return "Stopped";
  }
}

/** @param {Session | undefined} session */
function liveText(session) {
  if (!session) return LIVE;
  if (session.ended) return "Session ended";
  const { words, kind } = statusOf(session.status);
  return kind === "waiting" ? `Session ${words}` : LIVE;
}

/**
 * Since when the server is away, why, and when it is asked again.
 * @param {State} state
 * @param {number} since seconds that this state lasts
 * @param {string} lost when the server went away, on a clock
 */
export function awayText({ error, seconds = 0 }, since, lost) {
  const left = Math.max(0, Math.ceil(seconds - since));
  const next = left > 0 ? `Trying again in ${left} s.` : "Trying again now.";
  return { text: `No connection since ${lost}: ${reason(error)}`, next };
}

/** @param {EventsError | undefined} error */
function reason(error) {
  // The proxy cannot know which part behind it is away.
  if (error?.kind === "unavailable") return "the server cannot reach its data.";
  if (error?.kind === "timeout") return "the server's data do not answer in time.";
  return lowerFirst(oneLine(error?.message ?? "", 300));
}

/** @param {string} text */
function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * What a screen reader says when a state begins; nothing where that is no news.
 * @param {State} state
 * @param {State} before
 */
export function announcement(state, before) {
  if (state.name === "retrying" && before.name !== "retrying") return `No connection: ${reason(state.error)}`;
  if (state.name === "live" && before.name === "retrying") return "Connected again.";
  if (state.name === "paused") return "Not updating.";
  return "";
}

/**
 * The notice about what stopped polling.
 * @param {State} state
 * @param {boolean} hadKey
 * @param {boolean} wasLoaded whether events of it are on the screen
 * @returns {{title: string, text: string, asksForKey: boolean} | undefined}
 */
export function notice({ name, error }, hadKey, wasLoaded) {
  if (name !== "stopped" || !error) return undefined;
  const asksForKey = error.kind === "unauthorized";
  if (asksForKey && !hadKey) {
    return { title: "An API key is needed", text: "This server shows events to those who have one.", asksForKey };
  }
  if (asksForKey) {
    return { title: "This API key is not accepted", text: "The server does not know it. Try another one.", asksForKey };
  }
  if (error.kind === "session-not-found" && wasLoaded) {
    return { title: "This session was deleted", text: "What stands below was loaded before.", asksForKey };
  }
  if (error.kind === "session-not-found") {
    return { title: "Session not found", text: "No session has this id. It may have been deleted.", asksForKey };
  }
  if (error.errors.some((fault) => fault.parameter === "session_id")) {
    return { title: "This is not a session id", text: error.message, asksForKey };
  }
  return { title: "The server refused this request", text: error.message, asksForKey };
}
