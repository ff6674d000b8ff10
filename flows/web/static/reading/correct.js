// @ts-check
/** Typing errors corrected: a dialog for the right words, and the list of what was corrected in a transcript. */

import { get, post } from "../shared/api.js";
import { ask } from "../shared/dialog.js";
import { counted, el, fill, flash } from "../shared/dom.js";
import { hold } from "../shared/keys.js";
import { newKey, outbox } from "../shared/outbox.js";

/**
 * Split words that were changed into what stayed before, what went, what came, and what stayed behind.
 *
 * @param {string} words @param {string} right
 * @returns {[string, string, string, string]}
 */
export function difference(words, right) {
  const [old, now] = [words, right].map((text) => text.match(/\s*\S+|\s+$/g) ?? []);
  let first = 0;
  while (first < Math.min(old.length, now.length) && old[first] === now[first]) first += 1;
  let last = 0;
  while (last < Math.min(old.length, now.length) - first && old.at(-1 - last) === now.at(-1 - last)) last += 1;
  const part = (tokens, from, to) => tokens.slice(from, to).join("");
  return [
    part(old, 0, first),
    part(old, first, old.length - last),
    part(now, first, now.length - last),
    part(old, old.length - last, old.length),
  ];
}

/**
 * Ask for the right words and send them; the dialog stays open with what was typed until they are taken.
 *
 * @param {string} words As they are.
 * @param {function(string): Promise<*>} send Receives the right ones.
 * @returns {Promise<*>} What the server answered; null where nothing is to change.
 */
export function askRightWords(words, send) {
  const area = el("textarea", { rows: 4, maxlength: 20_000, dir: "auto", "data-testid": "right-words", id: "right" });
  /** @type {HTMLTextAreaElement} */ (area).value = words;
  const typed = () => /** @type {HTMLTextAreaElement} */ (area).value;
  const shown = el("p.difference", { dir: "auto", "data-testid": "difference" });
  const trouble = el("p.notice", { role: "alert", hidden: true });
  const save = /** @type {HTMLButtonElement} */ (el("button.main", { type: "submit" }, "Save"));
  const cancel = el("button", { type: "button" }, "Cancel");
  const show = () => {
    const [before, went, came, behind] = difference(words, typed());
    save.disabled = words === typed();
    fill(shown, before, went && el("del", {}, went), came && el("ins", {}, came), behind);
  };
  const form = el(
    "form",
    {},
    el("label", { for: "right" }, "As it should read"),
    area,
    el("h3", {}, "Before and after"),
    shown,
    trouble,
    el("p.acts", {}, save, cancel, el("span.quiet", {}, "Ctrl+Enter saves, Esc cancels")),
  );
  const dialog = /** @type {HTMLDialogElement} */ (
    el(
      "dialog.sheet.correct",
      { "aria-labelledby": "correct-title" },
      el("header", {}, el("h2", { id: "correct-title" }, "Correct the text")),
      el("p.quiet", {}, "The file stays as it is. Codings stay at their words, and the correction can be taken back."),
      form,
    )
  );
  return new Promise((resolve) => {
    const close = ask(dialog, resolve);
    const submit = async () => {
      if (save.disabled) return;
      save.disabled = true;
      trouble.hidden = true;
      try {
        close(await send(typed()));
      } catch (error) {
        fill(trouble, `Not taken: ${/** @type {Error} */ (error).message}.`);
        trouble.hidden = save.disabled = false;
      }
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    cancel.addEventListener("click", () => close(null));
    area.addEventListener("input", show);
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
    });
    show();
    area.focus();
    /** @type {HTMLTextAreaElement} */ (area).select();
  });
}

/**
 * Correct words of a text, and go on in the corrected one. What was decided is sent first, so that it comes along.
 *
 * @param {number} version @param {[number, number]} stretch @param {string} words
 */
export async function correctWords(version, [start, end], words) {
  const key = newKey();
  const answer = await askRightWords(words, async (right) => {
    if (outbox.waiting().length) await Promise.race([sent(), outbox.untilStuck()]);
    if (outbox.waiting().length) throw new Error("decisions are still on their way; try again when all is saved");
    return post("/corrections", { key, version, start, end, words, right });
  });
  if (answer) goTo(answer, `corrected=${encodeURIComponent(answer.correction)}`);
}

/** @returns {Promise<void>} When the server has everything. */
function sent() {
  return new Promise((resolve) => {
    const look = () => {
      if (outbox.waiting().length) return;
      outbox.removeEventListener("change", look);
      resolve();
    };
    outbox.addEventListener("change", look);
    look();
  });
}

/** Read the text that is current after a correction, where it was made. */
function goTo({ version, start }, asked) {
  if (version === null) location.assign("/");
  else location.assign(`/read/${version}?${asked}#at-${start}`);
}

async function takeBack(correction) {
  try {
    goTo(await post("/corrections/take-back", { key: newKey(), correction }), "taken-back");
  } catch (error) {
    flash(`Not taken back: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * List what was corrected in a text, and say what was corrected just now.
 *
 * @param {HTMLElement} place @param {number} version
 */
export async function showCorrections(place, version) {
  const asked = new URLSearchParams(location.search);
  const { corrections } = await get("/corrections").catch(() => ({ corrections: [] }));
  const here = corrections.filter((one) => one.version === version && one.fit === "applied");
  place.hidden = here.length === 0;
  fill(
    place,
    el(
      "details.corrections",
      {},
      el("summary", {}, counted(here.length, "correction of the text", "corrections of the text")),
      el(
        "ul",
        {},
        here.map((one) => item(one)),
      ),
    ),
  );
  const now = here.find((one) => one.id === asked.get("corrected"));
  if (now) flash("Corrected", { label: "Take back", run: () => hold(takeBack(now.id)) });
  if (asked.has("taken-back")) flash("Taken back");
  if (now || asked.has("taken-back")) history.replaceState(null, "", location.pathname + location.hash);
}

function item(one) {
  return el(
    "li",
    {},
    el(
      "a",
      { href: `#at-${one.start}` },
      el("del", { dir: "auto" }, one.words),
      " ",
      el("ins", { dir: "auto" }, one.right),
    ),
    " ",
    el("span.quiet", {}, el("bdi", {}, one.coder), `, ${new Date(one.time).toLocaleDateString("en-GB")}`),
    " ",
    el("button.link", { type: "button", on: { click: () => hold(takeBack(one.id)) } }, "Take back"),
  );
}
