/**
 * How long to wait, and waiting.
 * @module
 */

const SHORTEST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 60;

/**
 * Doubles with each failure, and differs between clients, so that they do not all come back at once.
 * @param {number} failures
 */
export function retrySeconds(failures) {
  const longest = Math.min(LONGEST_RETRY_SECONDS, SHORTEST_RETRY_SECONDS * 2 ** failures);
  return longest * (0.5 + Math.random() / 2);
}

/**
 * Waits, no longer than until the signal is aborted.
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function sleep(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
