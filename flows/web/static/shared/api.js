// @ts-check
/** The JSON API: one way to ask, one kind of error, and the pulse that tells when others changed something. */

/** What a request came to when it did not come to an answer. `status` 0: the server is away. */
export class ApiError extends Error {
  /** @param {number} status @param {string} detail @param {*} [body] The whole answer, such as `current` of a 409. */
  constructor(status, detail, body = {}) {
    super(detail);
    this.status = status;
    this.body = body;
  }
}

/** @param {string} path Below /api, with a leading slash. @param {Object<string, *>} [query] Nothing is left out. */
export function get(path, query = {}) {
  const kept = pairsOf(query);
  const tail = kept.length ? `${path.includes("?") ? "&" : "?"}${new URLSearchParams(kept)}` : "";
  return ask(path + tail, { method: "GET" });
}

/** A query as pairs: what is empty is left out, a list is there once for each of its values. */
function pairsOf(query) {
  return Object.entries(query)
    .flatMap(([name, value]) => [value].flat().map((each) => [name, each]))
    .filter(([, value]) => value !== "" && value !== false && value !== null && value !== undefined);
}

/** @param {string} path @param {*} body */
export function post(path, body) {
  return ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

/**
 * Send a file as it is; that takes as long as it takes.
 *
 * @param {string} path @param {Blob} file @param {Object<string, string>} query What the file is called, and what it is.
 */
export function upload(path, file, query) {
  const headers = { "content-type": "application/octet-stream" };
  return ask(`${path}?${new URLSearchParams(query)}`, { method: "POST", headers, body: file, patient: true });
}

/** As `post`, for what may take minutes. @param {string} path @param {*} body @param {string} [method] */
export function postPatiently(path, body, method = "POST") {
  const headers = { "content-type": "application/json" };
  return ask(path, { method, headers, body: JSON.stringify(body), patient: true });
}

/** The address of something to download: a link has no header, so it says in itself which study it is of. */
export function downloadOf(path, query = {}) {
  return `/api${path}?${new URLSearchParams([...pairsOf(query), ["study", document.body.dataset.study ?? ""]])}`;
}

async function ask(path, options) {
  const answer = await reach(`/api${path}`, options);
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw new ApiError(answer.status, told(body.detail, answer.status), body);
}

async function reach(address, { patient = false, ...options }) {
  try {
    // Another study may be served at this address by now, and another tab may have signed in as somebody else: what was
    // decided here belongs to this page's study and to this page's coder, or is refused.
    const { study = "", coder = "" } = document.body.dataset;
    const headers = { ...options.headers, "precode-study": study, "precode-coder": encodeURIComponent(coder) };
    return await fetch(address, {
      ...options,
      headers,
      credentials: "same-origin",
      signal: patient ? undefined : AbortSignal.timeout(30_000),
    });
  } catch {
    throw new ApiError(0, "the server does not answer");
  }
}

function told(detail, status) {
  return typeof detail === "string" ? detail : `the server refused this (${status})`;
}

const PULSE = 3000;

/**
 * Ask for the pulse every three seconds while the page is seen, and at once when it is seen again.
 *
 * @param {function({decisions: number, marks: number, outcomes: number}, Object|null): void} changed
 *   Called with the pulse and the one before it whenever they differ; the first time with null.
 * @returns {function(): void} Stops asking.
 */
export function watchPulse(changed) {
  let last = null;
  const beat = async () => {
    if (document.hidden) return;
    const now = await get("/pulse").catch(() => null);
    if (!now || (last && Object.keys(now).every((key) => now[key] === last[key]))) return;
    const before = last;
    last = now;
    changed(now, before);
  };
  const timer = setInterval(beat, PULSE);
  document.addEventListener("visibilitychange", beat);
  beat();
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", beat);
  };
}
