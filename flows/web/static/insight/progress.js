/** How far the coder is and how good the suggestions turn out to be. */

import { get, watchPulse } from "../shared/api.js";
import { bar, between } from "../shared/charts.js";
import { loadStudy } from "../shared/codebook.js";
import { counted, el, fill, percent } from "../shared/dom.js";
import { AgreementTable } from "./agreement.js";
import { lookAgain } from "./consistency.js";
import { showFinish } from "./finish.js";
import { showTrust } from "./trust.js";

const place = (id) => document.getElementById(id);
const filled = (id) => place(id).querySelector(".filled");

/** Time as people plan it. @param {number} minutes */
export function lasting(minutes) {
  if (minutes < 1.5) return "a minute";
  if (minutes < 90) return `${Math.round(minutes)} minutes`;
  return `${(minutes / 60).toFixed(1)} hours`;
}

const part = (n, whole) => (whole ? percent(n / whole) : "–");

function tile(label, value, more, ...extra) {
  return el("div.tile", {}, el("dt", {}, label), el("dd", {}, el("b", {}, value), el("span.quiet", {}, more), extra));
}

function showTiles({ total, pace, missed }) {
  const { suggested, decided, accepted, rejected, unsure } = total;
  const time =
    pace.minutes === null
      ? "too few decisions in a row to tell how long"
      : `about ${lasting(pace.minutes)} at your pace`;
  const speed = pace.a_minute === null ? "" : ` of ${pace.a_minute.toFixed(1)} a minute`;
  const recall =
    missed.recall === null
      ? "too few sentences audited"
      : `of sentences with a code, ${between(missed.low, missed.high)}, 95% interval`;
  fill(
    place("tiles"),
    el(
      "dl",
      {},
      tile("Decided", decided.toLocaleString("en"), `of ${counted(suggested, "suggestion")}`, stacked(total)),
      tile(
        "Accepted",
        part(accepted, accepted + rejected),
        `${accepted} accepted, ${rejected} rejected, ${unsure} unsure`,
      ),
      tile("To decide", pace.remaining.toLocaleString("en"), pace.remaining ? time + speed : "nothing is left"),
      tile("Found", missed.recall === null ? "–" : percent(missed.recall), recall),
    ),
  );
}

const stacked = ({ accepted, rejected, unsure, suggested }, colour) =>
  bar(
    [
      { n: accepted, css: "accepted" },
      { n: rejected, css: "rejected" },
      { n: unsure, css: "unsure" },
    ],
    suggested,
    colour,
  );

function tallyCell(tally, domain) {
  if (!tally?.suggested) return el("td.none", {}, el("span", { "aria-label": "nothing suggested" }, "·"));
  const { decided, suggested, accepted } = tally;
  const said = `${decided} of ${suggested} decided, ${accepted} accepted`;
  return el(
    "td",
    {},
    el(
      "span",
      { title: said },
      el("b", {}, String(decided)),
      ` / ${suggested}`,
      el("span.unseen", {}, ` decided, ${accepted} accepted`),
    ),
    stacked(tally, domain),
  );
}

function transcriptRow(one, codebook) {
  const tallies = new Map(one.domains.map((tally) => [tally.domain, tally]));
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("a", { href: `/read/${one.version}` }, el("bdi", {}, one.name))),
    tallyCell(one),
    codebook.domains.map((domain) => tallyCell(tallies.get(domain.name), domain)),
  );
}

function domainHead(domain) {
  return el("th", { scope: "col", colour: domain }, el("i.dot", { "aria-hidden": "true" }), " ", domain.name);
}

function showTranscripts({ transcripts }, codebook) {
  if (!transcripts.length)
    return fill(filled("transcripts"), el("p.quiet", {}, "No transcript has suggestions that you may see yet."));
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, "Transcript"),
    el("th", { scope: "col" }, "All"),
    codebook.domains.map(domainHead),
  );
  const rows = transcripts.map((one) => transcriptRow(one, codebook));
  const legend = [
    ["accepted", "accepted"],
    ["rejected", "rejected"],
    ["unsure", "unsure"],
    ["empty", "to decide"],
  ];
  return fill(
    filled("transcripts"),
    el(
      "p.legend",
      { "aria-hidden": "true" },
      legend.map(([css, text]) => el("span", {}, el(`i.key.${css}`), text)),
    ),
    el(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": "Decided by transcript and domain" },
      el("table.tallies", {}, el("thead", {}, head), el("tbody", {}, rows)),
    ),
  );
}

function missedInWords({ audited, found, insufficient, ...rest }) {
  const seen = `You audited ${counted(audited, "sentence")} without a suggestion; ${found || "none"} of them bore a code.`;
  if (insufficient !== null || rest.recall === null)
    return [el("p", {}, `${seen} That is too few to say how much was missed: 20 are needed for a first estimate.`)];
  const [low, high] = [rest.share_low, rest.share_high].map((one) => Math.round(one * rest.unsuggested));
  const open = rest.undecided
    ? ` ${counted(rest.undecided, "undecided suggestion")} ${rest.undecided === 1 ? "counts" : "count"} by probability.`
    : "";
  return [
    el(
      "p.lead",
      {},
      "The machine pointed at ",
      el("b", {}, percent(rest.recall)),
      " of the sentences that bear a code",
      ` (95% interval ${between(rest.low, rest.high)}).`,
    ),
    el(
      "p",
      {},
      `${seen} So between ${low} and ${high} of the ${counted(rest.unsuggested, "sentence")} that no suggestion touches bear one.${open}`,
    ),
  ];
}

/** What the audit says of single codes. */
export function codesInWords({ audited, with_suggestion, insufficient, ...rest }) {
  if (insufficient !== null || rest.recall === null)
    return audited
      ? "How many of the codes were found is not known yet: 20 sentences without a suggestion and 10 with one are needed."
      : null;
  const lost = Math.round(rest.missed);
  return [
    "It suggested ",
    el("b", {}, percent(rest.recall)),
    ` of the codes that belong to a sentence (95% interval ${between(rest.low, rest.high)}): `,
    `about ${counted(lost, "code")} of single sentences were not suggested where they belong, `,
    `from ${counted(audited, "sentence")} of which you gave all codes, ${with_suggestion} of them with a suggestion.`,
  ];
}

function showMissed({ missed, missed_codes }) {
  const label = missed.audited ? "Audit more sentences" : "Audit sentences";
  const codes = codesInWords(missed_codes);
  fill(
    filled("missed"),
    missedInWords(missed),
    codes && el("p", { id: "missed-codes" }, codes),
    el("p.acts", {}, el("a.button", { href: "/audit" }, label)),
  );
}

class ProgressPage {
  constructor(study, codebook) {
    this.codebook = codebook;
    this.agreement = new AgreementTable(place("agreement"), study, codebook);
  }

  async load() {
    try {
      const progress = await get("/progress");
      place("trouble").hidden = true;
      showTiles(progress);
      showTrust(filled("trust"), progress, this.codebook);
      showTranscripts(progress, this.codebook);
      showMissed(progress);
      showFinish(filled("finish"), await get("/finish-line"), this.codebook);
      await this.agreement.load();
    } catch (error) {
      fill(place("trouble"), `Not up to date: ${error.message}.`).hidden = false;
    }
  }
}

const { study, codebook } = await loadStudy();
const page = new ProgressPage(study, codebook);
watchPulse(() => page.load());
place("look-again").addEventListener("click", () => lookAgain(filled("consistency"), codebook));
