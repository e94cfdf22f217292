/**
 * Menus: `details` that close as menus do.
 * @module
 */

/** Makes every `details.menu` of the page close by Escape, and by a click elsewhere. */
export function listenToMenus() {
  document.addEventListener("click", ({ target }) => {
    for (const menu of openMenus()) if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });
  document.addEventListener("focusin", ({ target }) => {
    for (const menu of openMenus()) if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });
}

/**
 * Closes what is open, and gives the focus back to what opened it.
 * @returns {boolean} whether there was something
 */
export function closeMenus() {
  const open = openMenus();
  for (const menu of open) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    menu.open = false;
  }
  return open.length > 0;
}

function openMenus() {
  return [.../** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("details.menu[open]"))];
}
