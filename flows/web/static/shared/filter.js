/**
 * The filter that views share: domain, code, transcript, coder and participants. It stands in the address, goes along to
 * the next view, and is applied by the server (`pipeline.study_filter`).
 */

import { el } from "./dom.js";
import { nameOf, selectOf } from "./pair.js";

const SINGLE = ["domain", "code", "version", "coder"];
/** Views that take the filter. */
const TAKE = new Set(["/queue", "/search", "/analysis", "/compare", "/matrix", "/results"]);

/** @returns {{domain: string, code: string, version: string, coder: string, where: string[]}} As the address says it. */
export function shared() {
  const asked = new URLSearchParams(location.search);
  const [domain, code, version, coder] = SINGLE.map((name) => asked.get(name) ?? "");
  return { domain, code, version, coder, where: asked.getAll("where") };
}

/** @returns {boolean} Whether the filter leaves anything out. */
export const narrows = () => Object.values(shared()).some((value) => value.length > 0);

/**
 * Put parameters into the address and leave all others as they are; an empty value takes one away.
 *
 * @param {Object<string, string|string[]>} change
 */
export function put(change) {
  const asked = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change)) {
    asked.delete(name);
    for (const each of [value].flat()) if (each) asked.append(name, each);
  }
  const query = asked.toString();
  history.replaceState(null, "", `${location.pathname}${query && `?${query}`}${location.hash}`);
  carry();
}

/** Let the links to other views bear the filter. */
export function carry() {
  const { where, ...single } = shared();
  const pairs = [...Object.entries(single).filter(([, value]) => value), ...where.map((each) => ["where", each])];
  const query = new URLSearchParams(pairs).toString();
  for (const link of document.querySelectorAll(".top nav a")) if (TAKE.has(link.pathname)) link.search = query;
}

/**
 * Controls of the filter.
 *
 * @param {Object} study The answer of /api/study.
 * @param {("domain"|"code"|"version"|"coder"|"where")[]} names Which ones, in this order.
 * @param {function(string, Object): void} changed Called with the control's name and what to `put`.
 * @returns {Node[]}
 */
export function filterControls(study, names, changed) {
  const chosen = shared();
  const { domains, codes } = study.codebook;
  const inDomain = codes.filter((code) => !chosen.domain || code.domain === chosen.domain);
  const options = {
    domain: ["Domain", [["", "all domains"], ...domains.map(({ name }) => [name, name])]],
    code: ["Code", [["", "all codes"], ...inDomain.map(({ id, name }) => [id, name])]],
    version: ["Transcript", [["", "all transcripts"], ...study.transcripts.map((one) => [`${one.version}`, one.name])]],
    coder: ["Codings of", [["", "everybody"], ...study.coders.map((name) => [name, nameOf(name, study)])]],
  };
  return names.flatMap((name) => {
    if (name === "where") return whereControls(study, chosen.where, changed);
    const [label, known] = options[name];
    const value = chosen[name];
    const all = known.some(([given]) => given === value) ? known : [...known, [value, value]];
    const choose = (given) => changed(name, name === "domain" ? { domain: given, code: "" } : { [name]: given });
    return [selectOf(label, name, all, value, choose)];
  });
}

/** Conditions on participants: a choice that adds one, and a button for each that takes it away. */
function whereControls({ attributes }, where, changed) {
  const open = Object.entries(attributes).flatMap(([name, values]) =>
    values.map((value) => [`${name}=${value}`, `${name}: ${value}`]).filter(([given]) => !where.includes(given)),
  );
  if (!open.length && !where.length) return [];
  const add = (given) => changed("where", { where: [...where, given] });
  const drop = (given) => () => changed("where", { where: where.filter((each) => each !== given) });
  return [
    selectOf("Participants", "where", [["", where.length ? "and …" : "all"], ...open], "", add),
    ...where.map((given) =>
      el(
        "button.condition",
        { type: "button", on: { click: drop(given) }, "aria-label": `Take away: ${given.replace("=", " is ")}` },
        given.replace("=", ": "),
        el("span", { "aria-hidden": "true" }, " ×"),
      ),
    ),
  ];
}
