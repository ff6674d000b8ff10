/** The second opinion: connect a model, try it, see what it would bring and cost. */

import { get, post } from "../shared/api.js";
import { announce, counted, el, fill } from "../shared/dom.js";
import { guardedBy } from "./guarded.js";

const here = (id) => document.getElementById(id);
const AGAIN = 1500;
const DOING = {
  trying: "Asking about passages you have coded …",
  asking: "Asking about the passages of the last run …",
};

const fine = (score) => (score?.value === undefined ? "–" : score.value.toFixed(2).replace(/^(-?)0\./, "$1."));
const between = (score) =>
  score?.low === undefined || score.low === null ? "" : `[${score.low.toFixed(2)}, ${score.high.toFixed(2)}]`;

function row(name, scores, key) {
  const cells = ["without", "with", "gain"].map((which) => scores[`${key}_${which}`]);
  const told = cells.map((score) => el("td", {}, fine(score), " ", el("span.quiet", {}, between(score))));
  return el("tr", {}, el("th", { scope: "row" }, name), told);
}

function table({ scores, answered, coded }) {
  if (!scores || !Object.keys(scores).length) return null;
  const heads = ["Without it", "With it", "Gain"].map((text) => el("th", { scope: "col" }, text));
  return el(
    "table.lesson",
    {},
    el("caption", {}, `On ${counted(answered, "passage")} judged without sight of it, ${coded} of them coded`),
    el("thead", {}, el("tr", {}, el("td", {}), heads)),
    el("tbody", {}, row("Right code first", scores, "first"), row("Log loss", scores, "log_loss")),
  );
}

function show(state) {
  const busy = state.state in DOING;
  here("connected").textContent = state.url
    ? `${state.model} at ${state.url}, asked as ${state.adapter}.`
    : "No model is connected: nothing is asked.";
  here("off").hidden = !state.url;
  here("trial").hidden = !state.url;
  here("busy").hidden = !busy;
  here("try").disabled = here("ask").disabled = busy;
  here("message").textContent = DOING[state.state] ?? state.message;
  fill(here("scores"), busy ? null : table(state.figures));
  fill(here("told"), busy ? null : state.told.map((line) => el("p", {}, line)));
  const { questions, minutes } = state.figures;
  here("cost").textContent = questions
    ? `A pass would ask ${counted(questions, "more question")}: about ${counted(Math.max(1, Math.round(minutes)), "minute")}.`
    : "";
}

const guarded = guardedBy();

async function watch() {
  let state = await guarded(() => get("/second"));
  for (; state && state.state in DOING; state = await guarded(() => get("/second"))) {
    show(state);
    await new Promise((later) => setTimeout(later, AGAIN));
  }
  if (state) show(state);
}

async function begin(path) {
  const state = await guarded(() => post(path, {}));
  if (!state) return;
  show(state);
  await watch();
  announce(here("message").textContent || "Done");
}

async function connect(url, model) {
  const state = await guarded(() => post("/second/connect", { url, model }));
  if (!state) return;
  fill(here("models"), null);
  show(state);
  announce(here("connected").textContent);
}

async function list(event) {
  event.preventDefault();
  const { url } = Object.fromEntries(new FormData(here("server")));
  const found = await guarded(() => post("/second/models", { url }));
  if (!found) return;
  here("open-server").hidden = !found.open_to_pages;
  fill(
    here("models"),
    found.models.map(({ name, size, quantisation, remote }) => {
      const about = [size, quantisation].filter(Boolean).join(" · ");
      const choose = el("button", { type: "button", on: { click: () => connect(url, name) } }, "Connect");
      return el(
        "li",
        {},
        el("bdi", {}, name),
        " ",
        el("span.quiet", {}, about),
        " ",
        remote ? "is answered elsewhere and not used" : choose,
      );
    }),
  );
  announce(counted(found.models.length, "model"));
}

here("server").addEventListener("submit", list);
here("off").addEventListener("click", async () => {
  const state = await guarded(() => post("/second/off", {}));
  if (state) show(state);
});
here("try").addEventListener("click", () => begin("/second/try"));
here("ask").addEventListener("click", () => begin("/second/ask"));
watch();
