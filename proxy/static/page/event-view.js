/**
 * The list of events: which rows are open, which one the keys act on, whether it follows what is new.
 * @module
 */

import { SessionEvent } from "../poller/events-poller.js";
import { copy } from "./clipboard.js";
import { make, makeButton } from "./dom.js";
import { makeRow, updateRow } from "./event-row.js";
import { pretty } from "./pretty-json.js";
import { count, counted } from "./text.js";
import { VirtualList } from "./virtual-list.js";

/** @import { EventsPoller } from "../poller/events-poller.js" */

/** The row between what is loaded without a gap and what was committed late, further down. */
const OLDER = { id: "older" };
const LOADS_BEFORE_END = 15;

export class EventView {
  /** Whether to load older events when their row comes near; not after a failure. */
  eager = true;

  #scroller;
  #newButton;
  #context;
  #list;
  /** @type {Set<string>} */
  #open = new Set();
  #active = "";
  #unseen = 0;
  #remaining = 0;
  #olderText = "";

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLButtonElement} newButton
   * @param {{step: (event: SessionEvent) => string, relative: () => boolean, loadOlder: () => void}} context
   */
  constructor(scroller, newButton, context) {
    this.#scroller = scroller;
    this.#newButton = newButton;
    this.#context = context;
    this.#list = new VirtualList(scroller, {
      make: (/** @type {{id: string}} */ item) => this.#make(item),
      update: (element, item, index) => this.#update(element, item, index),
    });
    this.#list.onScroll = () => this.#scrolled();
    newButton.addEventListener("click", () => this.toNewest());
  }

  /**
   * Shows what a poller has.
   * @param {EventsPoller} poller
   * @param {number} fresh how many events are new, 0 for older ones
   */
  show(poller, fresh) {
    const follow = fresh > 0 && this.#follows();
    this.#remaining = poller.remaining;
    // A feed without any article would be none.
    this.#scroller.setAttribute("role", poller.events.length > 0 ? "feed" : "group");
    this.#list.show(this.#items(poller), follow);
    this.#unseen = follow ? 0 : this.#unseen + fresh;
    this.#showUnseen();
  }

  /** Forgets everything: other events will come. */
  clear() {
    this.#open.clear();
    this.#active = this.#list.kept = "";
    this.#unseen = 0;
    this.eager = true;
    this.#olderText = "";
    this.#scroller.setAttribute("role", "group");
    this.#list.show([], true);
    this.#showUnseen();
  }

  /** Brings times and labels up to date. */
  refresh() {
    this.#list.refresh();
  }

  /**
   * @param {string} text what goes on with the older events, in place of their number
   */
  sayOlder(text) {
    this.#olderText = text;
    this.#list.refresh();
  }

  /** Shows the newest event and follows from then on. */
  toNewest() {
    this.#unseen = 0;
    this.#showUnseen();
    this.#scroller.scrollTop = 0;
    this.#list.render();
    this.#setActive("");
    this.#scroller.focus({ preventScroll: true });
  }

  /** Goes to the last event that is loaded. */
  toOldest() {
    this.#activate(this.#list.items.length - 1);
  }

  /** @param {number} rows down, up when negative */
  move(rows) {
    const current = this.#list.indexOf(this.#active);
    if (this.#list.items.length === 0) return;
    const next = current < 0 ? this.#list.firstVisible() : current + rows;
    this.#activate(Math.max(0, Math.min(this.#list.items.length - 1, next)));
  }

  /** Closes the active event; whether it was open. */
  closeActive() {
    if (!this.#open.delete(this.#active)) return false;
    this.#list.refresh();
    return true;
  }

  /**
   * Copies the event_data of the active event.
   * @returns {Promise<string>} how it went, for people
   */
  async copyActive() {
    const index = this.#list.indexOf(this.#active);
    const event = this.#list.items[index];
    if (!(event instanceof SessionEvent)) return "No event is chosen.";
    const said = (await copy(pretty(event.event_data_text).text)) ? "Copied" : "Cannot copy";
    const row = this.#list.reveal(index);
    if (row) row.dataset.said = said;
    setTimeout(() => delete row?.dataset.said, 3000);
    return `${said}.`;
  }

  /** @param {EventsPoller} poller */
  #items({ events, joined, remaining }) {
    if (remaining === 0) return events;
    return [...events.slice(0, joined), OLDER, ...events.slice(joined)];
  }

  /** Nobody reads: the top is seen, and nothing there is open, selected or in the focus. */
  #follows() {
    const { activeElement } = document;
    const focused = activeElement !== this.#scroller && this.#scroller.contains(activeElement);
    const selection = getSelection();
    const selected = selection && !selection.isCollapsed && this.#scroller.contains(selection.anchorNode);
    const last = this.#list.lastVisible();
    const opened = [...this.#open].some((id) => this.#list.indexOf(id) <= last);
    return this.#isAtTop() && !focused && !selected && !opened;
  }

  #isAtTop() {
    return this.#scroller.scrollTop < 4;
  }

  #scrolled() {
    if (this.#isAtTop() && this.#unseen > 0) {
      this.#unseen = 0;
      this.#showUnseen();
    }
    const older = this.#list.indexOf(OLDER.id);
    if (this.eager && older >= 0 && older <= this.#list.lastVisible() + LOADS_BEFORE_END) this.#context.loadOlder();
  }

  #showUnseen() {
    this.#newButton.hidden = this.#unseen === 0;
    this.#newButton.textContent = `↑ ${counted(this.#unseen, "new event")}`;
  }

  /** @param {number} index */
  #activate(index) {
    this.#setActive(this.#list.items[index].id);
    const element = this.#list.reveal(index);
    element?.querySelector("button")?.focus({ preventScroll: true });
  }

  /** @param {string} id */
  #setActive(id) {
    this.#active = this.#list.kept = id;
    this.#list.refresh();
  }

  /** @param {{id: string}} item */
  #make(item) {
    if (item instanceof SessionEvent) return makeRow(item, () => this.#toggle(item.id));
    const button = makeButton("", "Load older events", () => this.#context.loadOlder());
    const row = make("article", "row older", button, make("span", "older-text"));
    row.setAttribute("aria-label", "Older events");
    return row;
  }

  /**
   * @param {HTMLElement} element
   * @param {{id: string}} item
   * @param {number} index
   */
  #update(element, item, index) {
    element.setAttribute("aria-posinset", String(index + 1));
    element.setAttribute("aria-setsize", this.#remaining > 0 ? "-1" : String(this.#list.items.length));
    if (item instanceof SessionEvent) {
      updateRow(element, item, {
        open: this.#open.has(item.id),
        active: this.#active === item.id,
        relative: this.#context.relative(),
        step: this.#context.step(item),
        now: Date.now(),
      });
    } else {
      const text = element.querySelector(".older-text");
      if (text) text.textContent = this.#olderText || `${count(this.#remaining)} more`;
    }
  }

  /** @param {string} id */
  #toggle(id) {
    if (!this.#open.delete(id)) this.#open.add(id);
    this.#setActive(id);
  }
}
