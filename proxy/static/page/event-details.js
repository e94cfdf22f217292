/**
 * Everything that an event holds, texts of several lines first and once.
 * @module
 */

import { parts } from "../poller/json-text.js";
import { linkToEvent } from "./address.js";
import { copyAndSay } from "./clipboard.js";
import { make, makeButton } from "./dom.js";
import { pretty } from "./pretty-json.js";
import { counted, oneLine, visible } from "./text.js";
import { makeTextBlock } from "./text-block.js";
import { clockTime, timeZone } from "./times.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */

const MOST_TEXTS = 5;

/** @typedef {{key: string, start: number, end: number, text: string}} Member of event_data, a text of several lines */

/**
 * @param {SessionEvent} event
 * @param {string} step its name; empty: none
 * @param {boolean} isCut whether the line above does not show the whole message
 * @param {(button: HTMLButtonElement) => void} toggleWrap
 */
export function makeDetails(event, step, isCut, toggleWrap) {
  const details = make("div", "details", makeFacts(event, step), makeActions(event, toggleWrap));
  const { message, event_data_text: json } = event;
  const texts = linesIn(json);
  if (message && (isCut || message.includes("\n"))) details.append(...block("message", message));
  for (const { key, text } of texts) details.append(...block(`event_data.${key}`, text));
  const rest = withoutTexts(json, texts);
  if (rest) details.append(make("h3", "", "event_data"), ...makeTextBlock("event_data", rest, json.length));
  return details;
}

/**
 * The whole event as JSON text, digit by digit as the API gave it.
 * @param {SessionEvent} event
 */
export function eventJson(event) {
  const { event_data_text: data, ...fields } = event;
  return `${JSON.stringify(fields).slice(0, -1)},"event_data":${data}}`;
}

/**
 * @param {SessionEvent} event
 * @param {(button: HTMLButtonElement) => void} toggleWrap
 */
function makeActions(event, toggleWrap) {
  const texts = {
    "Copy link": () => linkToEvent(event.id),
    "Copy data": () => pretty(event.event_data_text).text,
    "Copy event": () => pretty(eventJson(event)).text,
  };
  const copies = Object.entries(texts).map(([label, text]) =>
    makeButton("quiet", label, (button) => copyAndSay(text(), button)),
  );
  const wrap = makeButton("quiet wrap", "Wrap lines", toggleWrap);
  return make("p", "actions", ...copies, wrap);
}

/**
 * @param {SessionEvent} event
 * @param {string} step
 */
function makeFacts(event, step) {
  const facts = make("dl", "facts");
  const rows = {
    time: `${clockTime(event.timestamp, "local")} ${timeZone}`,
    UTC: event.timestamp,
    type: event.event_type,
    step: event.step_id && step ? `${oneLine(step, 200)} (${event.step_id.slice(0, 8)})` : "",
    id: event.id,
  };
  for (const [name, value] of Object.entries(rows)) {
    if (value) facts.append(make("div", "", make("dt", "", name), make("dd", "", visible(value))));
  }
  return facts;
}

/**
 * @param {string} title
 * @param {string} text
 */
function block(title, text) {
  const cut = (/** @type {number} */ most) => ({ text: text.slice(0, most), complete: text.length <= most });
  return [make("h3", "", oneLine(title, 100)), ...makeTextBlock(title, cut, text.length)];
}

/**
 * The members of event_data that are texts of several lines, such as a stack trace: JSON shows them as one.
 * @param {string} json
 * @returns {Member[]}
 */
function linesIn(json) {
  if (!json.startsWith("{")) return [];
  return parts(json)
    .filter(({ start }) => json[start] === '"')
    .map((part) => ({ ...part, text: /** @type {string} */ (JSON.parse(json.slice(part.start, part.end))) }))
    .filter(({ text }) => text.includes("\n"))
    .slice(0, MOST_TEXTS);
}

/**
 * Cuts event_data as people read it, with a word in place of each text that is shown already.
 * @param {string} json
 * @param {Member[]} texts
 * @returns {import("./text-block.js").Cut | undefined} undefined where nothing is left to show
 */
function withoutTexts(json, texts) {
  if (json === "{}" || (texts.length > 0 && texts.length === parts(json).length)) return undefined;
  let mark = "\ue000";
  while (json.includes(mark)) mark += "\ue000";
  let at = 0;
  const pieces = texts.map(({ start, end }, index) => {
    const before = json.slice(at, start);
    at = end;
    return `${before}${mark}${index}${mark}`;
  });
  const left = pieces.join("") + json.slice(at);
  return (most) => {
    const { text, complete } = pretty(left, most);
    const words = texts.map((member) => `‹shown above: ${counted(member.text.split("\n").length, "line")}›`);
    return {
      text: words.reduce((sofar, word, index) => sofar.replace(`${mark}${index}${mark}`, word), text),
      complete,
    };
  };
}
