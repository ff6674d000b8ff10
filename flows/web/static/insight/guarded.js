/** Asking the server where the page has one line for what goes wrong. */

/**
 * Make what asks, and tells trouble in the page's line; an answer hides it again.
 *
 * @param {string} [rest] What is told behind the reason.
 * @returns {function(function(): Promise<*>): Promise<*>} Gives the answer, or null.
 */
export const guardedBy =
  (rest = "") =>
  async (run) => {
    const line = document.getElementById("trouble");
    try {
      const answer = await run();
      line.hidden = true;
      return answer;
    } catch (error) {
      line.hidden = false;
      line.textContent = `${error.message}.${rest}`;
      return null;
    }
  };
