/** Who else is here now: a heartbeat while the page is seen, shown at its foot; without an answer nobody is. */

import { post } from "./api.js";
import { el, fill } from "./dom.js";

const BEAT = 10_000;

let version = Number(document.body.dataset.version) || null;

/** Event `change`; `people` are the others as /api/presence gives them. */
class Others extends EventTarget {
  /** @type {{coder: string, version: number|null, transcript: string}[]} */
  people = [];
}

export const others = new Others();

/** Say which transcript is on the screen now; pages of one transcript need not. @param {number|null} now */
export function nowIn(now) {
  if (now === version) return;
  version = now;
  beat();
}

function where(one) {
  if (one.version === null) return [el("bdi", {}, one.coder), " is here"];
  const place = one.version === version ? " is here, too" : [" is in ", el("bdi", {}, one.transcript)];
  return [el("bdi", {}, one.coder), place];
}

async function beat() {
  if (document.hidden) return;
  const told = await post("/presence", { version }).catch(() => ({ people: [] }));
  if (JSON.stringify(told.people) === JSON.stringify(others.people)) return;
  others.people = told.people;
  others.dispatchEvent(new Event("change"));
  const box = document.getElementById("presence");
  fill(
    box,
    others.people.map((one) => el("span", {}, where(one))),
  ).hidden = !others.people.length;
}

/** Begin to tell where the coder is. */
export function startPresence() {
  if (!document.getElementById("presence")) return;
  setInterval(beat, BEAT);
  document.addEventListener("visibilitychange", beat);
  beat();
}
