/**
 * How many events are shown, in words; no number that is wrong.
 * @module
 */

import { countLevels } from "./levels.js";
import { count, counted } from "./text.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */
/** @import { PageState } from "./state.js" */

/** @type {{of: readonly SessionEvent[], levels: ReturnType<typeof countLevels>}} */
let latest = { of: [], levels: countLevels([]) };

/** @param {PageState} state */
export function summary({ filter, isFiltered, poller, source }) {
  const { events, remaining } = source.shown;
  const all = poller.events.length + poller.remaining;
  if (filter.step) {
    const rest = remaining > 0 ? ` · ${counted(remaining, "older event")} not looked at` : "";
    return `${counted(events.length, "event")} of this step${rest}`;
  }
  if (remaining > 0) {
    const total = counted(events.length + remaining, isFiltered ? "chosen event" : "event");
    return `Showing ${count(events.length)} of ${total}`;
  }
  if (isFiltered) return `${count(events.length)} of ${counted(all, "event")}`;
  const { error, warning } = levelsOf(events);
  const parts = [counted(events.length, "event")];
  if (error > 0) parts.push(counted(error, "error"));
  if (warning > 0) parts.push(counted(warning, "warning"));
  return parts.join(" · ");
}

/** @param {readonly SessionEvent[]} events */
function levelsOf(events) {
  // There are many, and they are asked for at every poll.
  if (latest.of !== events) latest = { of: events, levels: countLevels(events) };
  return latest.levels;
}

/**
 * What stands in the place of events where there are none.
 * @param {PageState} state
 */
export function emptyText({ active, isFiltered, poller }) {
  if (isFiltered) {
    return active ? "No such events yet. They appear here as they are written." : "This session has no such events.";
  }
  if (!active) return "This session has ended without any event.";
  const pending = poller.session?.status === "pending" ? ": the session has not begun" : "";
  return `No events yet${pending}. They appear here as they are written.`;
}
