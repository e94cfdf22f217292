/**
 * The first page: asks for a session, and offers those that are known.
 * @module
 */

import { byId, make } from "./dom.js";
import { API_KEY, eventsUrl, findSessionId, pageUrl, recentSessions } from "./sessions.js";
import { recall } from "./storage.js";

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

void showSamples([...document.querySelectorAll("[data-sample]")]);

/**
 * There is no list of sessions to ask for: those of the demo have ids that never change. Without the first one this is
 * no demo, and nothing more is asked.
 * @param {Element[]} items
 */
async function showSamples([first, ...others]) {
  if (await showSample(first)) others.forEach(showSample);
}

/**
 * @param {Element} item
 * @returns {Promise<boolean>} whether the server has it
 */
async function showSample(item) {
  const key = recall("sessionStorage", API_KEY);
  const answer = await fetch(`${eventsUrl(item.getAttribute("data-sample") ?? "")}?limit=1`, {
    method: "HEAD",
    headers: key ? { "X-API-Key": key } : {},
  }).catch(() => undefined);
  if (!answer?.ok) return false;
  item.removeAttribute("hidden");
  byId("samples", HTMLElement).hidden = false;
  return true;
}
