/**
 * Small helpers around the document. Text is only ever set as text.
 * @module
 */

/**
 * The element of the page with this id.
 * @template {typeof HTMLElement} T
 * @param {string} id
 * @param {T} kind
 * @returns {InstanceType<T>}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return /** @type {InstanceType<T>} */ (found);
}

/**
 * A new element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * A new button that does something.
 * @param {string} className
 * @param {string} label
 * @param {(button: HTMLButtonElement) => void} action
 */
export function makeButton(className, label, action) {
  const button = make("button", className, label);
  button.type = "button";
  button.addEventListener("click", () => action(button));
  return button;
}

/**
 * Puts a text on the clipboard, and says on the button how that went.
 * @param {string} text
 * @param {HTMLElement} button
 */
export async function copyAndSay(text, button) {
  const label = button.dataset.label ?? button.textContent ?? "";
  button.dataset.label = label;
  button.textContent = (await copy(text)) ? "Copied" : "Cannot copy";
  setTimeout(() => (button.textContent = label), 3000);
}

/**
 * Puts a text on the clipboard.
 * @param {string} text
 * @returns {Promise<boolean>} whether the browser let us
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/**
 * The way that is left where the page is not served over HTTPS or from this machine.
 * @param {string} text
 */
function copyBySelection(text) {
  const focused = document.activeElement;
  const field = make("textarea", "off-screen");
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return done;
}

/**
 * What the browser keeps under a name; some browsers refuse to keep anything.
 * @param {"sessionStorage" | "localStorage"} area
 * @param {string} name
 */
export function recall(area, name) {
  try {
    return window[area].getItem(name) ?? "";
  } catch {
    return "";
  }
}

/**
 * @param {"sessionStorage" | "localStorage"} area
 * @param {string} name
 * @param {string} value empty: forget it
 */
export function remember(area, name, value) {
  try {
    if (value) window[area].setItem(name, value);
    else window[area].removeItem(name);
  } catch {
    // The page works without.
  }
}
