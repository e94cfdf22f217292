/**
 * A list of sessions, those that may still write first.
 * @module
 */

import { make } from "./dom.js";
import { projectName, statusOf } from "./session-words.js";
import { pageUrl } from "./sessions.js";
import { oneLine } from "./text.js";
import { relativeTime } from "./times.js";

/** @import { Known } from "./sessions.js" */

/** @typedef {{title: string, about?: Omit<Known, "id">}} Listed */

export class SessionList {
  #section;
  #list;
  /** @type {Map<string, Listed>} */
  #sessions = new Map();

  /**
   * @param {HTMLElement} section shown once there is something in the list
   * @param {HTMLElement} list
   */
  constructor(section, list) {
    this.#section = section;
    this.#list = list;
  }

  get ids() {
    return [...this.#sessions.keys()];
  }

  /**
   * Adds a session, or what is known of it now.
   * @param {string} id
   * @param {string} title empty: as before, or none
   * @param {Omit<Known, "id">} [about]
   */
  add(id, title, about) {
    const before = this.#sessions.get(id);
    this.#sessions.set(id, { title: title || before?.title || "", about: about ?? before?.about });
    const ends = (/** @type {Listed} */ { about: known }) => Number(known?.ended ?? true);
    const sorted = [...this.#sessions].sort(([, a], [, b]) => ends(a) - ends(b));
    this.#list.replaceChildren(...sorted.map(([one, listed]) => makeItem(one, listed)));
    this.#section.hidden = false;
  }

  /**
   * Says of a session that it was deleted.
   * @param {string} id
   */
  markGone(id) {
    const about = this.#sessions.get(id)?.about;
    if (about) this.add(id, "", { ...about, status: "deleted", ended: true });
  }
}

/**
 * @param {string} id
 * @param {Listed} listed
 */
function makeItem(id, { title, about }) {
  const link = make("a", "");
  link.href = pageUrl(id);
  if (!about) {
    link.append(make("bdi", "name", title ? oneLine(title, 100) : "Session"), make("code", "", id));
    return make("li", "", link);
  }
  const { words, kind, mark } = statusOf(about.status);
  const badge = make("span", "badge", `${mark} ${words}`);
  badge.dataset.kind = kind;
  const project = projectName(about.project_path);
  const name = title || [about.session_type, project].filter(Boolean).join(" · ");
  const more = title ? [about.session_type, project] : [];
  const facts = [...more.filter(Boolean), relativeTime(about.created_at, Date.now()), id.slice(0, 8)].join(" · ");
  link.append(make("bdi", "name", oneLine(name, 100)), badge, make("span", "facts", oneLine(facts, 200)));
  link.title = id;
  return make("li", "", link);
}
