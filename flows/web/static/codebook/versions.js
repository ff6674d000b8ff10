/** The history of the codebook: what was changed, by whom, when, and taking it back. */

import { el } from "../shared/dom.js";

const SHOWN = 20;
const DIGITS = 8;

/** @param {Object} version @param {function(Object): void} takeBack */
function row(version, takeBack) {
  const who = version.coder ? el("bdi", {}, version.coder) : version.kind === "begun" ? "precode" : "in the file";
  return el(
    "tr",
    { class: version.in_force ? null : "gone" },
    el("td", {}, el("time", { datetime: version.time }, new Date(version.time).toLocaleString())),
    el("td", {}, who),
    el("td", {}, version.said, !version.in_force && el("small.quiet", {}, " · taken back")),
    el("td", {}, el("code", { title: version.digest }, version.digest.slice(0, DIGITS))),
    el(
      "td",
      {},
      version.can_take_back &&
        el(
          "button",
          { type: "button", "aria-label": `Take back: ${version.said}`, on: { click: () => takeBack(version) } },
          version.takes_back === null ? "Take back" : "Do it again",
        ),
    ),
  );
}

/**
 * The table of versions, newest first.
 *
 * @param {Object[]} versions As /api/codebook gives them.
 * @param {{takeBack: function(Object): void, all: boolean, showAll: function(): void}} acts
 */
export function versionTable(versions, { takeBack, all, showAll }) {
  if (!versions.length)
    return el("p.quiet", {}, "Nothing was changed yet. The first edit, or the first run, begins the history.");
  const shown = all ? versions : versions.slice(0, SHOWN);
  return [
    el(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": "Versions of the codebook" },
      el(
        "table.versions",
        {},
        el(
          "thead",
          {},
          el(
            "tr",
            {},
            ["When", "Who", "What", "Version"].map((name) => el("th", { scope: "col" }, name)),
            el("th", { scope: "col" }, el("span.unseen", {}, "Take back")),
          ),
        ),
        el(
          "tbody",
          {},
          shown.map((version) => row(version, takeBack)),
        ),
      ),
    ),
    shown.length < versions.length &&
      el("p", {}, el("button", { type: "button", on: { click: showAll } }, `Show all ${versions.length} versions`)),
  ];
}
