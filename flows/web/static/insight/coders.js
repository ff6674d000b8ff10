/** Who codes here, renamed or made one: an entry of the log each, taken back like any other. */

import { get, post } from "../shared/api.js";
import { ask, confirmed } from "../shared/dialog.js";
import { counted, el, fill, flash } from "../shared/dom.js";

/** Ask what a coder is to be called. @param {string} name @returns {Promise<string|null>} */
function newName(name) {
  const input = el("input", { name: "to", required: true, maxlength: 80, value: name, "aria-label": "New name" });
  const form = el(
    "form",
    {},
    el("p", {}, "What was coded as ", el("b", {}, el("bdi", {}, name)), " is from now on coded by:"),
    input,
    el("p.acts", {}, el("button.main", {}, "Rename")),
  );
  const head = el("header", {}, el("h2", { id: "rename-title" }, "Rename a coder"));
  const dialog = el("dialog.sheet", { "aria-labelledby": "rename-title", "data-testid": "rename" }, head, form);
  return new Promise((resolve) => {
    const settle = ask(dialog, resolve);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      settle(input.value.trim() || null);
    });
    input.select();
  });
}

async function rename(box, known, name) {
  const to = await newName(name);
  if (!to || to === name) return;
  const merge = known.includes(to);
  const question = {
    title: `Make ${name} and ${to} one coder?`,
    says: "Where both decided on the same suggestion, the later decision holds. You can take this back.",
    yes: "Make them one",
  };
  if (merge && !(await confirmed(question))) return;
  const says = merge ? `${name} and ${to} are one` : `${name} is ${to} now`;
  const undo = { label: "Undo", run: () => restore(box, name) };
  await change(box, "/coders/rename", { name, to, merge }, says, undo);
}

const restore = (box, name) => change(box, "/coders/restore", { name }, `${name} is ${name} again`);

async function change(box, path, body, says, undo) {
  try {
    draw(box, await post(path, body));
    flash(says, undo);
  } catch (error) {
    flash(`Not renamed: ${error.message}`);
  }
}

function draw(box, { coders, renamed }) {
  const known = coders.map(({ name }) => name);
  const button = (label, about, run) =>
    el("button", { type: "button", "aria-label": `${label}: ${about}`, on: { click: run } }, label);
  const line = (name, entries) => [
    el("bdi", {}, name),
    el("span.quiet", {}, ` ${counted(entries, "entry", "entries")} `),
  ];
  const former = (name, now) => [el("bdi", {}, name), " is ", el("bdi", {}, now), " now "];
  fill(
    box,
    el(
      "ul.coders",
      {},
      coders.map(({ name, entries }) =>
        el(
          "li",
          {},
          line(name, entries),
          button("Rename or merge", name, () => rename(box, known, name)),
        ),
      ),
      renamed.map(({ name, now }) =>
        el(
          "li.quiet",
          {},
          former(name, now),
          button("Undo", `${name} is ${now}`, () => restore(box, name)),
        ),
      ),
    ),
    !coders.length && el("p.quiet", {}, "Nobody has coded here yet."),
  );
}

/** Show who codes here. @param {HTMLElement} box */
export async function showCoders(box) {
  try {
    draw(box, await get("/coders"));
  } catch (error) {
    fill(box, el("p.notice", {}, `Coders cannot be read: ${error.message}.`));
  }
}
