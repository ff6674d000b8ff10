/** What every page has: the theme switch, the keys, and the button that says what is saved. */

import { announce, counted, el, fill } from "./dom.js";
import { carry } from "./filter.js";
import { startKeys, typedAhead } from "./keys.js";
import { outbox } from "./outbox.js";
import { startPresence } from "./presence.js";
import { apply, nextTheme } from "./theme.js";

function saying() {
  const n = outbox.waiting().length;
  const refused = outbox.refused().length;
  if (outbox.trouble === "full") return ["away", "Browser storage full · the last one was not taken"];
  if (n && outbox.trouble === "away") return ["away", `Server away · ${n} not saved yet`];
  if (n && outbox.trouble === "signed out") return ["away", `Signed out · ${n} not saved yet`];
  if (n) return ["saving", `${n} not saved yet`];
  if (typedAhead.waiting) return ["saving", `${counted(typedAhead.waiting, "key")} typed ahead`];
  return refused ? ["refused", `${refused} not taken`] : ["saved", "All saved"];
}

let waitingBefore = 0;

function showState() {
  const button = document.getElementById("saved-state");
  const [state, text] = saying();
  const was = button.dataset.state;
  button.dataset.state = state;
  button.textContent = text;
  if (state === "away" && was !== "away")
    announce("The server is away. Your decisions are kept here and will be sent.");
  if (state === "saved" && was === "away") announce(`${counted(waitingBefore, "decision")} saved. The server is back.`);
  waitingBefore = Math.max(outbox.waiting().length, state === "saved" ? 0 : waitingBefore);
}

function row(entry) {
  const time = new Date(entry.time).toLocaleTimeString();
  return el(
    "li",
    {},
    el("b", {}, entry.says || entry.body.action || "decision"),
    ` · ${time}`,
    entry.refused && el("p.quiet", {}, entry.refused),
  );
}

function showList() {
  const waiting = outbox.waiting();
  const refused = outbox.refused();
  const dialog = document.getElementById("saved-list");
  fill(
    dialog.querySelector(".saving"),
    !waiting.length && !refused.length && !typedAhead.waiting && el("p", {}, "Everything you decided is saved."),
    typedAhead.waiting > 0 && [
      el("p", {}, `${counted(typedAhead.waiting, "key")} typed ahead, done as soon as the page has what they are for.`),
      el("button", { type: "button", on: { click: () => typedAhead.forget() } }, "Forget them"),
    ],
    waiting.length > 0 && [
      el(
        "p",
        {},
        `${counted(waiting.length, "decision")} not saved yet. They are kept in this browser, also if you close it, and are sent as soon as the server answers.`,
      ),
      el("ol", {}, waiting.slice(0, 50).map(row)),
      el("button", { type: "button", on: { click: () => outbox.send() } }, "Send now"),
    ],
    refused.length > 0 && [
      el("p", {}, `${counted(refused.length, "decision")} not taken. What you see on the page is how it stands.`),
      el("ol", {}, refused.slice(-50).map(row)),
      el(
        "button",
        {
          type: "button",
          on: {
            click: () => {
              outbox.clearRefused();
              dialog.close();
            },
          },
        },
        "I have seen this",
      ),
    ],
  );
  dialog.showModal();
}

function startSaving() {
  const button = document.getElementById("saved-state");
  if (!button) return;
  button.addEventListener("click", showList);
  outbox.addEventListener("change", showState);
  typedAhead.addEventListener("change", showState);
  showState();
  outbox.send();
}

/** A full storage is told by the saved-state; it stopped what was begun, and is no defect of the page. */
function quietWhenFull(event) {
  if ((event.error ?? event.reason)?.name === "QuotaExceededError") event.preventDefault();
}

addEventListener("error", quietWhenFull);
addEventListener("unhandledrejection", quietWhenFull);
apply();
carry();
document.getElementById("theme").addEventListener("click", nextTheme);
startKeys();
startSaving();
startPresence();
