/**
 * Puts text on the clipboard.
 * @module
 */

import { make } from "./dom.js";

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
