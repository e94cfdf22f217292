/**
 * One event as a row: a line that opens and closes, and below it everything that the event holds.
 * @module
 */

import { make, makeButton } from "./dom.js";
import { makeDetails } from "./event-details.js";
import { has } from "./find.js";
import { levelOf } from "./levels.js";
import { setText } from "./marked.js";
import { oneLine } from "./text.js";
import { markBlocks } from "./text-block.js";
import { lineTime } from "./times.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */
/** @import { TimeMode } from "./times.js" */

const LINE_LENGTH = 400;
const MARKS = { error: "✕", warning: "!", milestone: "◆", info: "" };

/**
 * What all rows are shown with.
 * @typedef {object} RowView
 * @property {TimeMode} mode
 * @property {number} now in milliseconds, by the server's clock
 * @property {string} day which times on a clock need not name
 * @property {RegExp | undefined} find what to mark
 * @property {(event: SessionEvent) => string} step the name of an event's step
 * @property {(button: HTMLButtonElement) => void} toggleWrap
 */

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
  const type = make("span", "type", mark(), make("span", "type-name"));
  line.append(make("time", "time"), make("span", "gap"), type, make("bdi", "step"), message, make("span", "elsewhere"));
  const row = make("article", "row", line);
  row.setAttribute("aria-labelledby", message.id);
  return row;
}

function mark() {
  const sign = make("span", "mark");
  sign.setAttribute("aria-hidden", "true");
  return sign;
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
  setText(row.querySelector(".mark"), MARKS[level]);
  row.className = `row level-${level}`;
  row.querySelector(".details")?.remove();
  shown.set(row, event);
}

/**
 * Brings a row up to date.
 * @param {HTMLElement} row
 * @param {SessionEvent} event
 * @param {{open: boolean, active: boolean, gap: {text: string, long: boolean}}} own
 * @param {RowView} view
 */
export function updateRow(row, event, { open, active, gap }, view) {
  if (shown.get(row) !== event) fillRow(row, event);
  const line = /** @type {HTMLButtonElement} */ (row.querySelector(".line"));
  const step = view.step(event);
  setText(row.querySelector(".time"), lineTime(event.timestamp, view));
  setText(row.querySelector(".gap"), gap.text);
  row.classList.toggle("after-pause", gap.long);
  setText(row.querySelector(".type-name"), oneLine(event.event_type, 100), view.find);
  setText(row.querySelector(".step"), oneLine(step, 200));
  const message = oneLine(event.message ?? "", LINE_LENGTH);
  setText(row.querySelector(".message"), message, view.find);
  setText(row.querySelector(".elsewhere"), elsewhere(event, message, view.find));
  line.tabIndex = active ? 0 : -1;
  row.classList.toggle("active", active);
  line.setAttribute("aria-expanded", String(open));
  if (open && !row.querySelector(".details")) row.append(makeDetails(event, step, isCut(row), view.toggleWrap));
  const details = row.querySelector(".details");
  if (!open) details?.remove();
  else if (details) markBlocks(details, view.find);
}

/**
 * Whether the line has no room for the whole message; that cannot be known before it is in the document.
 * @param {HTMLElement} row
 */
function isCut(row) {
  const message = row.querySelector(".message");
  return !row.isConnected || !message || message.scrollWidth > message.clientWidth;
}

/**
 * Where a hit is that the line does not show.
 * @param {SessionEvent} event
 * @param {string} message as it is shown
 * @param {RegExp | undefined} find
 */
function elsewhere(event, message, find) {
  if (!find || has(find, message) || has(find, event.event_type)) return "";
  if (has(find, event.message ?? "")) return "further on in the message";
  return has(find, event.event_data_text) ? "in event_data" : "";
}
