/**
 * The list of events: which rows are open, which one the keys act on, whether it follows what is new.
 * @module
 */

import { SessionEvent } from "../poller/events-poller.js";
import { copy } from "./clipboard.js";
import { make, makeButton } from "./dom.js";
import { makeRow, updateRow } from "./event-row.js";
import { gapBefore, pauseOf } from "./gaps.js";
import { pretty } from "./pretty-json.js";
import { count, counted } from "./text.js";
import { VirtualList } from "./virtual-list.js";

/** @import { RowView } from "./event-row.js" */
/** @import { Shown } from "./source.js" */

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
  #pause = Infinity;
  /** @type {RowView | undefined} */
  #rowView;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLButtonElement} newButton
   * @param {{rowView: () => RowView, loadOlder: () => void, opened: (id: string) => void}} context `opened` is told
   *   which event was opened last, "" when it was closed
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
   * @param {Shown} shown
   * @param {number} fresh how many events are new, 0 for older ones
   */
  show(shown, fresh) {
    const follow = fresh > 0 && this.#follows();
    this.#remaining = shown.remaining;
    this.#pause = pauseOf(shown.events);
    // A feed without any article would be none.
    this.#scroller.setAttribute("role", shown.events.length > 0 ? "feed" : "group");
    this.#rowView = undefined;
    this.#list.show(items(shown), follow);
    this.#unseen = follow ? 0 : this.#unseen + fresh;
    this.#showUnseen();
  }

  /** Empties the list: other events will come. */
  clear() {
    this.#active = this.#list.kept = "";
    this.#unseen = 0;
    this.eager = true;
    this.#olderText = "";
    this.#list.show([], true);
    this.#showUnseen();
  }

  /** Brings times and labels up to date. */
  refresh() {
    this.#rowView = undefined;
    this.#list.refresh();
  }

  /**
   * @param {string} text what goes on with the older events, in place of their number
   */
  sayOlder(text) {
    this.#olderText = text;
    this.refresh();
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
    if (this.#list.items.length === 0) return;
    const current = this.#list.indexOf(this.#active);
    const next = current < 0 ? this.#list.firstVisible() : current + rows;
    this.#activate(Math.max(0, Math.min(this.#list.items.length - 1, next)));
  }

  /**
   * Goes to an event, and leaves the focus where it is.
   * @param {string} id
   * @param {boolean} open
   * @returns {boolean} whether it is in the list
   */
  goTo(id, open) {
    const index = this.#list.indexOf(id);
    if (index < 0) return false;
    if (open) this.#open.add(id);
    this.#setActive(id);
    this.#list.reveal(index, true);
    return true;
  }

  /** The place among the events from which to look for something: of the active one, else of the first one seen. */
  get place() {
    const active = this.#list.indexOf(this.#active);
    const index = active >= 0 ? active : this.#list.firstVisible();
    const older = this.#list.indexOf(OLDER.id);
    return older >= 0 && index > older ? index - 1 : index;
  }

  /** The id of the event that the keys act on; empty: none. */
  get active() {
    return this.#active;
  }

  /** Whether the active event is in the list. */
  get hasActive() {
    return this.#list.indexOf(this.#active) >= 0;
  }

  /** Closes the active event; whether it was open. */
  closeActive() {
    if (!this.#open.has(this.#active)) return false;
    this.#toggle(this.#active);
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

  /** Nobody reads: the top is seen, and nothing there is open, selected or in the focus. */
  #follows() {
    const { activeElement } = document;
    const focused = activeElement !== this.#scroller && this.#scroller.contains(activeElement);
    const selection = getSelection();
    const selected = selection && !selection.isCollapsed && this.#scroller.contains(selection.anchorNode);
    const last = this.#list.lastVisible();
    const opened = [...this.#open].some((id) => this.#list.indexOf(id) >= 0 && this.#list.indexOf(id) <= last);
    return this.#isAtTop() && !focused && !selected && !opened && !this.hasActive;
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
    this.refresh();
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
      const before = this.#list.items[index + 1];
      const gap = gapBefore(item, before instanceof SessionEvent ? before : undefined, this.#pause);
      this.#rowView ??= this.#context.rowView();
      updateRow(element, item, { open: this.#open.has(item.id), active: this.#active === item.id, gap }, this.#rowView);
    } else {
      const text = element.querySelector(".older-text");
      if (text) text.textContent = this.#olderText || `${count(this.#remaining)} more`;
    }
  }

  /** @param {string} id */
  #toggle(id) {
    const opens = !this.#open.delete(id);
    if (opens) this.#open.add(id);
    this.#context.opened(opens ? id : "");
    this.#setActive(id);
  }
}

/** @param {Shown} shown */
function items({ events, joined, remaining }) {
  if (remaining === 0) return events;
  return [...events.slice(0, joined), OLDER, ...events.slice(joined)];
}
