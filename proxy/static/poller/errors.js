/**
 * What can go wrong.
 * @module
 */

/** Why there is no page. */
export class EventsError extends Error {
  /**
   * @param {string} kind the end of the problem's `type`, such as "session-not-found"; "network" without an answer;
   *   "unreadable" for an answer that is not the API's
   * @param {string} message for people
   * @param {object} [facts]
   * @param {number} [facts.status]
   * @param {number} [facts.retryAfter] seconds
   * @param {{parameter: string, message: string}[]} [facts.errors] the faults of a 400
   * @param {number | null} [facts.largestLimit] of a page that is too large: how many events one answer can hold
   */
  constructor(kind, message, { status = 0, retryAfter = 0, errors = [], largestLimit = null } = {}) {
    super(message);
    this.name = "EventsError";
    this.kind = kind;
    this.status = status;
    this.retryAfter = retryAfter;
    this.errors = errors;
    this.largestLimit = largestLimit;
  }

  /** Whether the same request may succeed later. */
  get passes() {
    return this.status < 400 || this.status === 429 || this.status >= 500;
  }
}
