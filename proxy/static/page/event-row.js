/**
 * One event as a row: a line that opens and closes, and below it everything that the event holds.
 * @module
 */

import { parts } from "../poller/json-text.js";
import { copyAndSay } from "./clipboard.js";
import { make, makeButton } from "./dom.js";
import { levelOf } from "./levels.js";
import { pretty } from "./pretty-json.js";
import { absoluteTime, oneLine, relativeTime, size, visible } from "./text.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */

const LINE_LENGTH = 400;
const SHOWN_AT_FIRST = 50_000;
const MOST_TEXTS = 5;
const MARKS = { error: "✕", warning: "!", milestone: "◆", info: "" };

/**
 * Which event each row shows.
 * @type {WeakMap<HTMLElement, SessionEvent>}
 */
const shown = new WeakMap();

/**
 * The row of an event, closed.
 * @param {SessionEvent} event
 * @param {() => void} toggle
 */
export function makeRow(event, toggle) {
  const message = make("bdi", "message");
  message.id = `message-${event.id}`;
  const line = makeButton("line", "", toggle);
  line.tabIndex = -1;
  line.append(make("time", "time"), make("span", "type"), make("span", "step"), message);
  const row = make("article", "row", line);
  row.setAttribute("aria-labelledby", message.id);
  return row;
}

/**
 * Puts an event into a row, in place of an earlier telling of it.
 * @param {HTMLElement} row
 * @param {SessionEvent} event
 */
function fillRow(row, event) {
  const level = levelOf(event.event_type);
  const time = /** @type {HTMLTimeElement} */ (row.querySelector(".time"));
  time.dateTime = event.timestamp;
  time.title = `${event.timestamp} (UTC)`;
  const mark = make("span", "mark", MARKS[level]);
  mark.setAttribute("aria-hidden", "true");
  row.querySelector(".type")?.replaceChildren(mark, oneLine(event.event_type, 100));
  setText(row.querySelector(".message"), oneLine(event.message ?? "", LINE_LENGTH));
  row.className = `row level-${level}`;
  row.querySelector(".details")?.remove();
  shown.set(row, event);
}

/**
 * Brings a row up to date.
 * @param {HTMLElement} row
 * @param {SessionEvent} event
 * @param {{open: boolean, active: boolean, relative: boolean, step: string, now: number}} view
 */
export function updateRow(row, event, { open, active, relative, step, now }) {
  if (shown.get(row) !== event) fillRow(row, event);
  const line = /** @type {HTMLButtonElement} */ (row.querySelector(".line"));
  setText(row.querySelector(".time"), relative ? relativeTime(event.timestamp, now) : absoluteTime(event.timestamp));
  setText(row.querySelector(".step"), step);
  line.tabIndex = active ? 0 : -1;
  row.classList.toggle("active", active);
  const details = row.querySelector(".details");
  line.setAttribute("aria-expanded", String(open));
  if (open && !details) row.append(makeDetails(event));
  if (!open) details?.remove();
}

/**
 * The whole event as JSON text, digit by digit as the API gave it.
 * @param {SessionEvent} event
 */
export function eventText(event) {
  const { event_data_text: data, ...fields } = event;
  return pretty(`${JSON.stringify(fields).slice(0, -1)},"event_data":${data}}`).text;
}

/**
 * @param {Element | null} element
 * @param {string} text
 */
function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** @param {SessionEvent} event */
function makeDetails(event) {
  const copyData = makeButton("quiet", "Copy data", (button) => copyAndSay(pretty(event.event_data_text).text, button));
  const copyEvent = makeButton("quiet", "Copy event", (button) => copyAndSay(eventText(event), button));
  const details = make("div", "details", makeFacts(event));
  if (event.message) details.append(...makeBlock("message", event.message));
  details.append(
    make("div", "data-head", make("h3", "", "event_data"), make("span", "actions", copyData, copyEvent)),
    ...makeText("event_data", event.event_data_text, (most) => pretty(event.event_data_text, most)),
  );
  for (const [key, text] of linesIn(event.event_data_text)) details.append(...makeBlock(`event_data.${key}`, text));
  return details;
}

/** @param {SessionEvent} event */
function makeFacts(event) {
  const facts = make("dl", "facts");
  const rows = { time: absoluteTime(event.timestamp), UTC: event.timestamp, type: event.event_type, id: event.id };
  const all = event.step_id ? { ...rows, step: event.step_id } : rows;
  for (const [name, value] of Object.entries(all)) {
    facts.append(make("div", "", make("dt", "", name), make("dd", "", visible(value))));
  }
  return facts;
}

/**
 * @param {string} title
 * @param {string} text
 */
function makeBlock(title, text) {
  const cut = (/** @type {number} */ most) => ({ text: text.slice(0, most), complete: text.length <= most });
  return [make("h3", "", oneLine(title, 100)), ...makeText(title, text, cut)];
}

/**
 * A text that scrolls in itself, the rest of a very long one on demand.
 * @param {string} label
 * @param {string} whole
 * @param {(most: number) => {text: string, complete: boolean}} cut
 */
function makeText(label, whole, cut) {
  const { text, complete } = cut(SHOWN_AT_FIRST);
  const block = make("pre", "text", visible(text));
  block.tabIndex = 0;
  block.setAttribute("role", "region");
  block.setAttribute("aria-label", oneLine(label, 100));
  if (complete) return [block];
  block.append("…");
  const more = makeButton("quiet", `Show all ${size(whole.length)}`, () => {
    block.textContent = visible(cut(Infinity).text);
    more.remove();
  });
  return [block, more];
}

/**
 * The members of event_data that are texts of several lines, such as a stack trace: JSON shows them as one.
 * @param {string} json
 * @returns {[string, string][]}
 */
function linesIn(json) {
  if (!json.startsWith("{")) return [];
  return parts(json)
    .filter(({ start }) => json[start] === '"')
    .map(({ key, start, end }) => /** @type {[string, string]} */ ([key, JSON.parse(json.slice(start, end))]))
    .filter(([, text]) => text.includes("\n"))
    .slice(0, MOST_TEXTS);
}
