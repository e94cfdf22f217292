/**
 * The first page: asks for a session, and offers those that are known.
 * @module
 */

import { byId, make, recall } from "./dom.js";
import { API_KEY, eventsUrl, findSessionId, pageUrl, recentSessions } from "./sessions.js";

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

for (const id of recentSessions()) {
  const link = make("a", "", make("code", "", id));
  link.href = pageUrl(id);
  byId("recent-list", HTMLElement).append(make("li", "", link));
  byId("recent", HTMLElement).hidden = false;
}

// There is no list of sessions to ask for: those of the demo have ids that never change, and may not be there.
for (const item of document.querySelectorAll("[data-sample]")) void showSample(item);

/** @param {Element} item */
async function showSample(item) {
  const key = recall("sessionStorage", API_KEY);
  const answer = await fetch(`${eventsUrl(item.getAttribute("data-sample") ?? "")}?limit=1`, {
    method: "HEAD",
    headers: key ? { "X-API-Key": key } : {},
  }).catch(() => undefined);
  if (!answer?.ok) return;
  item.removeAttribute("hidden");
  byId("samples", HTMLElement).hidden = false;
}
