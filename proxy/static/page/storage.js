/**
 * What the browser keeps for the pages.
 * @module
 */

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
