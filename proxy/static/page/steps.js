/**
 * The time that each step took, from the events that open and close steps.
 * @module
 */

import { make } from "./dom.js";
import { duration, oneLine } from "./text.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */

const MOST_SHOWN = 100;

/**
 * Times in milliseconds; `start` and `end` are undefined while their events have not come. `first` and `last` are the
 * first and the last event of the step that has.
 * @typedef {{id: string, code: string, name: string, status: string, start?: number, end?: number, first: number,
 *   last: number}} Step
 */

/** What is known of a session's steps. */
export class Steps {
  /**
   * The newest telling of each event of a step, by its id.
   * @type {Map<string, SessionEvent>}
   */
  #events = new Map();
  /** @type {Map<string, Step> | undefined} */
  #steps;

  /** @param {readonly SessionEvent[]} events in any order, any number of times */
  add(events) {
    for (const event of events) {
      if (event.step_id && !Number.isNaN(Date.parse(event.timestamp))) this.#events.set(event.id, event);
      else this.#events.delete(event.id);
    }
    this.#steps = undefined;
  }

  /**
   * A few characters for a step.
   * @param {string | null} id
   */
  label(id) {
    return id ? this.#known().get(id)?.code || id.slice(0, 8) : "";
  }

  /**
   * In the order of their beginning.
   * @returns {Step[]}
   */
  all() {
    return [...this.#known().values()].sort((a, b) => from(a) - from(b) || (a.id < b.id ? -1 : 1));
  }

  #known() {
    this.#steps ??= stepsOf(this.#events.values());
    return this.#steps;
  }
}

/** @param {Iterable<SessionEvent>} events each with a step */
function stepsOf(events) {
  /** @type {Map<string, Step>} */
  const steps = new Map();
  for (const event of events) {
    const id = event.step_id ?? "";
    const time = Date.parse(event.timestamp);
    const step = steps.get(id) ?? newStep(id, time);
    steps.set(id, step);
    step.first = Math.min(step.first, time);
    step.last = Math.max(step.last, time);
    if (event.event_type === "step_started") begin(step, event, time);
    if (event.event_type === "step_completed") end(step, event, time);
  }
  return steps;
}

/**
 * Draws the steps, the latest ones where there are very many, on one scale of time.
 * @param {HTMLElement} list
 * @param {Step[]} steps
 * @param {{active: boolean, now: number}} session whether it may still write, and the time
 */
export function drawSteps(list, steps, { active, now }) {
  const shown = steps.slice(-MOST_SHOWN);
  const until = (/** @type {Step} */ step) =>
    step.end ?? (active && isRunning(step) ? Math.max(now, step.last) : step.last);
  const earliest = Math.min(...shown.map(from));
  const span = Math.max(1, Math.max(...shown.map(until)) - earliest);
  list.replaceChildren(
    ...shown.map((step) => {
      const bar = make("div", "step-bar");
      const [start, length] = [from(step) - earliest, until(step) - from(step)];
      bar.style.marginLeft = `${(start / span) * 100}%`;
      bar.style.width = `${(length / span) * 100}%`;
      const state = stateOf(step, active);
      const time = make("span", "step-time", duration(length));
      const head = make("div", "step-head", make("bdi", "step-name", oneLine(step.name, 200)), time);
      const foot = make("div", "step-foot", make("span", "step-state", oneLine(state, 40)));
      const item = make("li", "step-item", head, make("div", "step-track", bar), foot);
      item.dataset.state = state;
      return item;
    }),
  );
  if (shown.length < steps.length) {
    list.prepend(make("li", "step-more", `${steps.length - shown.length} earlier steps are not shown`));
  }
}

/**
 * Whether it has begun, and has not ended.
 * @param {Step} step
 */
export function isRunning(step) {
  return step.start !== undefined && step.end === undefined;
}

/**
 * @param {Step} step
 * @param {boolean} active
 */
function stateOf(step, active) {
  if (step.end !== undefined) return step.status;
  if (step.start === undefined) return "not started";
  return active ? "running" : "not completed";
}

/** @param {Step} step */
function from(step) {
  return step.start ?? step.first;
}

/**
 * @param {string} id
 * @param {number} time
 * @returns {Step}
 */
function newStep(id, time) {
  return { id, code: "", name: `Step ${id.slice(0, 8)}`, status: "", first: time, last: time };
}

/**
 * @param {Step} step
 * @param {SessionEvent} event
 * @param {number} time
 */
function begin(step, event, time) {
  // A step that was tried again has begun at its first attempt.
  step.start = Math.min(step.start ?? time, time);
  const code = event.event_data?.code;
  if (typeof code === "string") step.code = oneLine(code, 100);
  step.name = event.message || step.code || step.name;
}

/**
 * @param {Step} step
 * @param {SessionEvent} event
 * @param {number} time
 */
function end(step, event, time) {
  if (step.end !== undefined && step.end > time) return;
  const status = event.event_data?.status;
  step.end = time;
  step.status = typeof status === "string" ? status : "completed";
}
