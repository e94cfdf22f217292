/**
 * The head of a session's page: which session it is, and how it stands with it.
 * @module
 */

import { byId } from "./dom.js";
import { showInTab } from "./icon.js";
import { setText } from "./marked.js";
import { projectName, spanOf, statusOf } from "./session-words.js";
import { oneLine } from "./text.js";
import { clockTime, relativeTime } from "./times.js";

/** @import { PageState } from "./state.js" */

const NOT_FOLLOWED = new Set(["retrying", "stopped"]);

/**
 * What stays.
 * @param {PageState} state
 */
export function showId({ sessionId }) {
  byId("session-id", HTMLElement).textContent = oneLine(sessionId, 100);
}

/** @param {PageState} state */
export function showHead(state) {
  const { connection, poller, sessionId } = state;
  const { session } = poller;
  const short = oneLine(sessionId, 8);
  byId("about-session", HTMLElement).hidden = !session;
  byId("status", HTMLElement).hidden = !session;
  if (!session) {
    setText(byId("session-type", HTMLElement), `Session ${short}`);
    return showInTab(`${short} · Session events`, connection.name === "stopped" ? "away" : "other");
  }
  const { words, kind, mark } = statusOf(session.status);
  const badge = byId("status", HTMLElement);
  badge.dataset.kind = kind;
  setText(badge, `${mark} ${words}`);
  const project = projectName(session.project_path);
  setText(byId("session-type", HTMLElement), oneLine(session.session_type, 100) || "Session");
  const place = byId("project", HTMLElement);
  setText(place, project);
  place.title = oneLine(session.project_path, 1000);
  setText(byId("began", HTMLElement), session.status === "pending" ? "created" : "started");
  const started = byId("started", HTMLTimeElement);
  started.dateTime = session.created_at;
  started.title = `${session.created_at} (UTC)`;
  const clock = clockTime(session.created_at, state.zone).replace(/\.\d{3}$/, state.zone === "utc" ? " UTC" : "");
  setText(started, clock);
  setText(byId("ago", HTMLElement), `, ${relativeTime(session.created_at, state.now)}`);
  setText(byId("span", HTMLElement), spanOf(session, poller.events[0]?.timestamp, state.now));
  const away = NOT_FOLLOWED.has(connection.name);
  const title = [away ? "?" : mark, words, project || short, oneLine(session.session_type, 50)].filter(Boolean);
  showInTab(`${title.slice(0, 2).join(" ")} · ${title.slice(2).join(" · ")}`, away ? "away" : kind);
}
