/**
 * An event, and the order of events.
 * @module
 */

/** An event as the API gives it. */
export class SessionEvent {
  /**
   * @param {{id: string, session_id: string, step_id: string | null, event_type: string, timestamp: string,
   *   message: string | null}} fields
   * @param {string} data
   */
  constructor(fields, data) {
    this.id = fields.id;
    this.session_id = fields.session_id;
    this.step_id = fields.step_id;
    this.event_type = fields.event_type;
    this.timestamp = fields.timestamp;
    this.message = fields.message;
    /** `event_data` as JSON text, with every digit that the database holds. */
    this.event_data_text = data;
  }

  /**
   * `event_data` with JavaScript's numbers, which are rounded; made anew each time that it is read.
   * @returns {any}
   */
  get event_data() {
    return JSON.parse(this.event_data_text);
  }

  /** Makes JSON.stringify write what the API wrote, but for digits that JavaScript's numbers lack. */
  toJSON() {
    const { event_data_text: _, ...fields } = this;
    return { ...fields, event_data: this.event_data };
  }
}

/**
 * Whether two tellings of an event say the same.
 * @param {SessionEvent} a
 * @param {SessionEvent} b
 */
export function areAlike(a, b) {
  return (
    a.timestamp === b.timestamp &&
    a.event_type === b.event_type &&
    a.step_id === b.step_id &&
    a.message === b.message &&
    a.event_data_text === b.event_data_text
  );
}

/**
 * Orders events as the API does: by timestamp, then by id, newest first.
 * @param {SessionEvent} a
 * @param {SessionEvent} b
 */
export function compareEvents(a, b) {
  return compareTimestamps(b.timestamp, a.timestamp) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}

/**
 * @param {string} a
 * @param {string} b
 */
function compareTimestamps(a, b) {
  if (a === b) return 0;
  const [year, otherYear] = [yearOf(a), yearOf(b)];
  if (year !== otherYear) return year - otherYear;
  return a < b ? -1 : 1;
}

/**
 * The year, which has a sign and six digits before 1 and after 9999; PostgreSQL also has timestamps without end.
 * @param {string} timestamp
 */
function yearOf(timestamp) {
  if (timestamp === "infinity") return Infinity;
  if (timestamp === "-infinity") return -Infinity;
  return Number.parseInt(timestamp, 10);
}
