/** What works on the study in the background: asked for until it is over, by whichever page shows it. */

import { get } from "./api.js";

const AGAIN = 700;
const AWAY = 3000;

/**
 * Show where a job is, until nothing works any more; a server that is away for a while is asked again.
 *
 * @param {function(Object): void} show Called with what `/api/job` gives.
 * @returns {Promise<Object>} The job as it ended.
 */
export async function watchJob(show) {
  for (;;) {
    const job = await get("/job").catch(() => null);
    if (job) show(job);
    if (job && job.state !== "working") return job;
    await new Promise((later) => setTimeout(later, job ? AGAIN : AWAY));
  }
}
