/**
 * What is shown, as a file: a line an event, oldest first.
 * @module
 */

import { make } from "./dom.js";
import { eventJson } from "./event-details.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */

/** Kinds of files, and how they write an event. */
export const FORMATS = {
  ndjson: { type: "application/x-ndjson", ending: "ndjson", write: eventJson },
  text: { type: "text/plain;charset=utf-8", ending: "log", write: textLine },
};

/**
 * @param {readonly SessionEvent[]} events newest first
 * @param {keyof typeof FORMATS} format
 * @param {string} name of the file, without its ending
 */
export function download(events, format, name) {
  const { type, ending, write } = FORMATS[format];
  // One text a line: all of them as one may be larger than a text can be.
  const lines = events.toReversed().map((event) => `${write(event)}\n`);
  const link = make("a", "");
  link.href = URL.createObjectURL(new Blob(lines, { type }));
  link.download = `${name.replace(/[^\w.-]/g, "_")}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {SessionEvent} event */
function textLine({ timestamp, event_type: type, message, event_data_text: data }) {
  const text = (message ?? "").replaceAll("\n", "\n\t");
  return [timestamp, type, text, data === "{}" ? "" : data].filter(Boolean).join("\t");
}
