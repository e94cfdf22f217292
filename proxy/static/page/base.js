/**
 * Where the proxy is on this origin.
 * @module
 */

/** The path that everything of the proxy begins with, "/" unless it has PROXY_BASE_PATH; ends with a slash. */
export const BASE = new URL("../..", import.meta.url).pathname;
