/**
 * The tab's title and icon, which tell how it stands with the session.
 * @module
 */

/** @import { StatusKind } from "./session-words.js" */

const COLOURS = {
  running: "#1f55d3",
  waiting: "#c07d00",
  good: "#1a7a45",
  bad: "#c9302a",
  off: "#6b7686",
  other: "#6b7686",
  away: "#6b7686",
};
const SHAPES = {
  running: '<path d="M12 9l12 7-12 7z" fill="#fff"/>',
  waiting: '<path d="M11 9h3v14h-3zM18 9h3v14h-3z" fill="#fff"/>',
  good: '<path d="M9 16l5 5 9-10" fill="none" stroke="#fff" stroke-width="3.500"/>',
  bad: '<path d="M11 11l10 10M21 11l-10 10" stroke="#fff" stroke-width="3.500"/>',
  off: '<path d="M9 16h14" stroke="#fff" stroke-width="3.500"/>',
  other: '<circle cx="16" cy="16" r="4" fill="#fff"/>',
  away: '<path d="M16 8v10M16 21v3" stroke="#fff" stroke-width="3.500"/>',
};

/**
 * @param {string} title
 * @param {StatusKind | "away"} kind
 */
export function showInTab(title, kind) {
  if (document.title !== title) document.title = title;
  const link = document.querySelector('link[rel="icon"]');
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15"` +
    ` fill="${COLOURS[kind]}"/>${SHAPES[kind]}</svg>`;
  const address = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  if (link instanceof HTMLLinkElement && link.href !== address) {
    link.type = "image/svg+xml";
    link.href = address;
  }
}
