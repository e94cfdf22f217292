/**
 * The first page: asks for a session, and offers those that are known.
 * @module
 */

import { EventsError, fetchPage } from "../poller/events-poller.js";
import { byId } from "./dom.js";
import { SessionList } from "./session-list.js";
import { API_KEY, eventsUrl, findSessionId, forgetSessions, pageUrl, recentSessions } from "./sessions.js";
import { recall } from "./storage.js";
import { listenToTheme } from "./theme-switch.js";

const MOST_OF_DEMO = 20;

const field = byId("session", HTMLInputElement);
const fault = byId("session-fault", HTMLElement);

byId("open", HTMLFormElement).addEventListener("submit", (submit) => {
  submit.preventDefault();
  const id = findSessionId(field.value);
  fault.hidden = id !== undefined;
  field.setAttribute("aria-invalid", String(id === undefined));
  if (id) location.assign(pageUrl(id));
  else field.focus();
});
byId("forget", HTMLElement).addEventListener("click", () => {
  forgetSessions();
  byId("recent", HTMLElement).hidden = true;
  field.focus();
});
listenToTheme();

const recent = new SessionList(byId("recent", HTMLElement), byId("recent-list", HTMLElement));
const ofDemo = new SessionList(byId("demo", HTMLElement), byId("demo-list", HTMLElement));

/** There is no list of sessions to ask for; but the demo keeps a session whose events name the others. */
async function showDemo() {
  const page = await ask(byId("demo", HTMLElement).dataset.session ?? "", MOST_OF_DEMO);
  for (const { message, event_data: data } of page?.items ?? []) {
    const id = findSessionId(String(data?.session_id));
    if (id) ofDemo.add(id, message ?? "");
  }
  await Promise.all(ofDemo.ids.map((id) => complete(ofDemo, id)));
}

async function showRecent() {
  for (const known of recentSessions()) recent.add(known.id, "", known);
  await Promise.all(recent.ids.map((id) => complete(recent, id)));
}

/**
 * @param {SessionList} list
 * @param {string} id
 */
async function complete(list, id) {
  const page = await ask(id, 1);
  if (page) list.add(id, "", page.session);
  else if (page === null) list.markGone(id);
}

/**
 * The newest events of a session; null where there is no such session, undefined where nothing was told.
 * @param {string} sessionId
 * @param {number} limit
 */
async function ask(sessionId, limit) {
  try {
    return await fetchPage(eventsUrl(sessionId), { limit }, { apiKey: recall("sessionStorage", API_KEY) || undefined });
  } catch (error) {
    if (!(error instanceof EventsError)) throw error;
    if (error.kind === "unauthorized") byId("locked", HTMLElement).hidden = false;
    return error.kind === "session-not-found" ? null : undefined;
  }
}

void showRecent();
void showDemo();
