/**
 * What is known of a session's steps, from the events that open and close them.
 * @module
 */

import { oneLine } from "./text.js";

/** @import { SessionEvent } from "../poller/events-poller.js" */

export const STEP_TYPES = ["step_started", "step_completed"];

/**
 * Times in milliseconds; `start` and `end` are undefined while their events have not come. `first` and `last` are the
 * first and the last event of the step that has.
 * @typedef {{id: string, code: string, name: string, status: string, start?: number, end?: number, first: number,
 *   last: number}} Step
 */

export class Steps {
  /**
   * The newest telling of each event that opens or closes a step, by its id.
   * @type {Map<string, SessionEvent>}
   */
  #marks = new Map();
  /**
   * From when to when each step has events.
   * @type {Map<string, {first: number, last: number}>}
   */
  #spans = new Map();
  /** @type {Map<string, Step> | undefined} */
  #steps;

  /** @param {readonly SessionEvent[]} events in any order, any number of times */
  add(events) {
    for (const event of events) {
      const time = Date.parse(event.timestamp);
      const isOfStep = event.step_id !== null && !Number.isNaN(time);
      if (isOfStep) this.#widen(event.step_id ?? "", time);
      if (isOfStep && STEP_TYPES.includes(event.event_type)) this.#marks.set(event.id, event);
      else this.#marks.delete(event.id);
    }
    this.#steps = undefined;
  }

  /**
   * The name of a step; the beginning of its id where its events do not tell; empty: no step.
   * @param {string | null} id
   */
  name(id) {
    return id ? (this.#known().get(id)?.name ?? unnamed(id)) : "";
  }

  /** @param {string} id */
  get(id) {
    return this.#known().get(id);
  }

  /**
   * In the order of their beginning.
   * @returns {Step[]}
   */
  all() {
    return [...this.#known().values()].sort((a, b) => startOf(a) - startOf(b) || (a.id < b.id ? -1 : 1));
  }

  /**
   * @param {string} id
   * @param {number} time
   */
  #widen(id, time) {
    const { first, last } = this.#spans.get(id) ?? { first: time, last: time };
    this.#spans.set(id, { first: Math.min(first, time), last: Math.max(last, time) });
  }

  #known() {
    this.#steps ??= this.#make();
    return this.#steps;
  }

  #make() {
    /** @type {Map<string, Step>} */
    const steps = new Map();
    for (const [id, { first, last }] of this.#spans) {
      steps.set(id, { id, code: "", name: unnamed(id), status: "", first, last });
    }
    for (const event of this.#marks.values()) {
      const step = steps.get(event.step_id ?? "");
      const time = Date.parse(event.timestamp);
      if (step && event.event_type === "step_started") begin(step, event, time);
      if (step && event.event_type === "step_completed") end(step, event, time);
    }
    return steps;
  }
}

/**
 * Whether it has begun, and has not ended.
 * @param {Step} step
 */
export function isRunning(step) {
  return step.start !== undefined && step.end === undefined;
}

/** @param {Step} step */
export function startOf(step) {
  return step.start ?? step.first;
}

/** @param {string} id */
function unnamed(id) {
  return `Step ${id.slice(0, 8)}`;
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
