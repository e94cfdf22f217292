/**
 * A list of any length of which only what can be seen is in the document. Rows are of one height, but for what is
 * measured to be larger. When items come above what is seen, what is seen stays where it is.
 * @module
 */

import { make } from "./dom.js";

const OVERSCAN = 6;

/**
 * @template {{id: string}} Item
 * @typedef {object} Rows
 * @property {(item: Item) => HTMLElement} make
 * @property {(element: HTMLElement, item: Item, index: number) => void} update called whenever the list changes
 */

/** @template {{id: string}} Item */
export class VirtualList {
  /** @type {readonly Item[]} */
  items = [];
  /** The item that keeps its element even where it cannot be seen, since it has the focus. */
  kept = "";

  #scroller;
  #rows;
  #canvas = make("div", "canvas");
  #probe = make("div", "row probe");
  #rowHeight = 1;
  /** @type {Map<string, number>} */
  #heights = new Map();
  /** @type {Map<string, number>} */
  #indexes = new Map();
  /** @type {{index: number, more: number}[]} */
  #large = [];
  /** @type {Map<string, HTMLElement>} */
  #elements = new Map();
  #sizes = new ResizeObserver((entries) => this.#measure(entries));
  #framed = false;
  /** @type {(() => void) | undefined} */
  onScroll;

  /**
   * @param {HTMLElement} scroller with CSS overflow, and a `.row.probe` as high as a row
   * @param {Rows<Item>} rows
   */
  constructor(scroller, rows) {
    this.#scroller = scroller;
    this.#rows = rows;
    this.#probe.setAttribute("aria-hidden", "true");
    this.#probe.textContent = "\u00a0";
    scroller.replaceChildren(this.#probe, this.#canvas);
    this.#sizes.observe(scroller);
    this.#sizes.observe(this.#probe);
    scroller.addEventListener("scroll", () => this.#renderSoon(), { passive: true });
  }

  /**
   * Shows these items; `follow` shows the first one, else what is seen stays in its place.
   * @param {readonly Item[]} items
   * @param {boolean} follow
   */
  show(items, follow) {
    const anchor = follow ? undefined : this.#anchor();
    this.items = items;
    this.#indexes = new Map(items.map((item, index) => [item.id, index]));
    for (const id of this.#heights.keys()) if (!this.#indexes.has(id)) this.#heights.delete(id);
    this.#layOut(anchor);
    if (follow) this.#scroller.scrollTop = 0;
    this.render();
  }

  /** Makes the document agree with the items and the place of the scroll bar. */
  render() {
    const { scrollTop, clientHeight } = this.#scroller;
    const first = Math.max(0, this.#indexAt(scrollTop) - OVERSCAN);
    const last = Math.min(this.items.length - 1, this.#indexAt(scrollTop + clientHeight) + OVERSCAN);
    const wanted = [];
    for (let index = first; index <= last; index += 1) wanted.push(index);
    const kept = this.#indexes.get(this.kept);
    if (kept !== undefined && kept < first) wanted.unshift(kept);
    if (kept !== undefined && kept > last) wanted.push(kept);
    this.#place(wanted);
  }

  /** Calls `update` on every row in the document. */
  refresh() {
    for (const [id, element] of this.#elements) {
      const index = this.indexOf(id);
      if (index >= 0) this.#rows.update(element, this.items[index], index);
    }
  }

  /** @param {string} id */
  indexOf(id) {
    return this.#indexes.get(id) ?? -1;
  }

  /**
   * The element of an item, scrolled into view.
   * @param {number} index
   * @param {boolean} [clear] with some room above it, unless it is seen as a whole
   */
  reveal(index, clear = false) {
    const item = this.items[index];
    const top = this.#top(index);
    const bottom = top + this.#height(item.id);
    const { scrollTop, clientHeight } = this.#scroller;
    const room = clear ? Math.min(top, clientHeight / 4) : 0;
    const isSeen = top >= scrollTop && bottom <= scrollTop + clientHeight;
    if (top < scrollTop || bottom - top > clientHeight || (clear && !isSeen)) this.#scroller.scrollTop = top - room;
    else if (bottom > scrollTop + clientHeight) this.#scroller.scrollTop = bottom - clientHeight;
    this.render();
    return this.#elements.get(item.id);
  }

  /** The first item that can be seen as a whole. */
  firstVisible() {
    return Math.min(this.items.length - 1, Math.max(0, this.#indexAt(this.#scroller.scrollTop + this.#rowHeight - 1)));
  }

  /** The last item that can be seen, in part at least. */
  lastVisible() {
    return this.#indexAt(this.#scroller.scrollTop + this.#scroller.clientHeight);
  }

  /** @param {number[]} wanted in order */
  #place(wanted) {
    const ids = new Set(wanted.map((index) => this.items[index].id));
    for (const [id, element] of this.#elements) {
      if (ids.has(id)) continue;
      this.#sizes.unobserve(element);
      this.#elements.delete(id);
      element.remove();
    }
    // In the document in the order in which they are seen, for screen readers.
    let before = this.#canvas.firstElementChild;
    for (const index of wanted) {
      const item = this.items[index];
      const element = this.#elements.get(item.id) ?? this.#add(item);
      element.style.transform = `translateY(${this.#top(index)}px)`;
      this.#rows.update(element, item, index);
      if (element === before) before = element.nextElementSibling;
      else this.#canvas.insertBefore(element, before);
    }
  }

  /** @param {Item} item */
  #add(item) {
    const element = this.#rows.make(item);
    element.dataset.id = item.id;
    this.#elements.set(item.id, element);
    this.#sizes.observe(element);
    return element;
  }

  #renderSoon() {
    if (this.#framed) return;
    this.#framed = true;
    requestAnimationFrame(() => {
      this.#framed = false;
      this.render();
      this.onScroll?.();
    });
  }

  /** @param {ResizeObserverEntry[]} entries */
  #measure(entries) {
    const anchor = this.#anchor();
    this.#rowHeight = this.#probe.getBoundingClientRect().height || this.#rowHeight;
    for (const { target, borderBoxSize } of entries) {
      const id = target instanceof HTMLElement ? target.dataset.id : undefined;
      if (id === undefined || !target.isConnected) continue;
      const height = borderBoxSize[0].blockSize;
      if (Math.abs(height - this.#rowHeight) < 0.5) this.#heights.delete(id);
      else this.#heights.set(id, height);
    }
    this.#layOut(anchor);
    this.render();
  }

  /** What is seen first, and how far it is from the top edge. */
  #anchor() {
    const { scrollTop } = this.#scroller;
    const item = this.items[this.#indexAt(scrollTop)];
    return item && { id: item.id, offset: scrollTop - this.#top(this.indexOf(item.id)) };
  }

  /** @param {{id: string, offset: number} | undefined} anchor stays where it is */
  #layOut(anchor) {
    this.#large = [...this.#heights]
      .map(([id, height]) => ({ index: this.indexOf(id), more: height - this.#rowHeight }))
      .sort((a, b) => a.index - b.index);
    this.#canvas.style.height = `${this.#top(this.items.length)}px`;
    const index = anchor ? this.indexOf(anchor.id) : -1;
    const top = anchor && this.#top(index) + anchor.offset;
    if (index >= 0 && top !== undefined && top !== this.#scroller.scrollTop) this.#scroller.scrollTop = top;
  }

  /** @param {string} id */
  #height(id) {
    return this.#heights.get(id) ?? this.#rowHeight;
  }

  /** @param {number} index */
  #top(index) {
    let top = index * this.#rowHeight;
    for (const large of this.#large) {
      if (large.index >= index) break;
      top += large.more;
    }
    return top;
  }

  /**
   * The item at a distance from the top of the list, the last one beyond its end; -1 without any.
   * @param {number} distance
   */
  #indexAt(distance) {
    let low = 0;
    let high = this.items.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#top(middle) <= distance) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }
}
