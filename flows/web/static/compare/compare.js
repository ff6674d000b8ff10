/** Two coders side by side, passage by passage, and what they agree on after talking about it. */

import { get, watchPulse } from "../shared/api.js";
import { loadStudy } from "../shared/codebook.js";
import { counted, el, fill, flash } from "../shared/dom.js";
import { bindKeys, hold } from "../shared/keys.js";
import { writeMemo } from "../shared/memo.js";
import { outbox } from "../shared/outbox.js";
import { coders, nameOf, selectOf } from "../shared/pair.js";
import { pickCode } from "../shared/picker.js";
import { CompareList } from "./list.js";

const place = (id) => document.getElementById(id);

class ComparePage {
  constructor(study, codebook) {
    Object.assign(this, { study, codebook, transcript: null });
    /** The pair and transcript on the screen; `chosen` may be ahead of it while the server is asked. */
    this.onScreen = null;
    this.open = study.transcripts.filter((one) => !one.blind);
    this.chosen = this.#asked();
    this.list = new CompareList(place("differences"), codebook, {
      settle: (how) => this.settle(how),
      memo: () => this.memo(),
      changed: () => this.#count(),
    });
    this.#drawPair();
    bindKeys(this.#keys());
    outbox.addEventListener("refused", ({ detail }) => this.#refused(detail));
  }

  #asked() {
    const asked = new URLSearchParams(location.search);
    const [first, second] = coders(this.study);
    const named = this.open.find((one) => String(one.version) === asked.get("version"));
    const begun = this.open.find((one) => one.codings);
    return {
      version: String((named ?? begun ?? this.open[0])?.version ?? ""),
      first: asked.get("first") ?? this.study.coder,
      second: asked.get("second") ?? (first === this.study.coder ? second : first),
    };
  }

  #keys() {
    const key = (keys, does, run) => ({ keys, does, group: "Compare", run, when: () => this.list.current !== null });
    return [
      key(["n", "ArrowDown", "j"], "next passage", () => this.list.go(1)),
      key(["p", "ArrowUp", "k"], "passage before", () => this.list.go(-1)),
      key(["1"], "agree on the first coder's codes", () => this.settle("first")),
      key(["2"], "agree on the second coder's codes", () => this.settle("second")),
      key(["b"], "agree on both", () => this.settle("both")),
      key(["0"], "agree that no code fits", () => this.settle("none")),
      key(["c"], "agree on another code", () => this.settle("other")),
      key(["m"], "memo on the consensus", () => this.memo()),
      key(["e"], "open the passage in the reading view", () => location.assign(this.list.address())),
    ];
  }

  #drawPair() {
    const names = coders(this.study).map((name) => [name, nameOf(name, this.study)]);
    const transcripts = this.open.map((one) => [String(one.version), one.name]);
    const control = (label, name, options) =>
      selectOf(label, name, options, this.chosen[name], (value) => this.#choose(name, value));
    fill(
      place("pair"),
      control("Transcript", "version", transcripts),
      control("First", "first", names),
      control("Second", "second", names),
    );
  }

  #choose(name, value) {
    this.chosen = { ...this.chosen, [name]: value };
    history.replaceState(null, "", `?${new URLSearchParams(this.chosen)}`);
    hold(this.load()); // keys are for what was chosen, not for what is still shown
  }

  /** Ask for both sides and show them; the passage looked at stays. */
  async load() {
    const asked = this.chosen;
    if (!asked.version)
      return this.#nothing(
        "There is no transcript that you may see yet: the ones you code blind come here when you are done with them.",
      );
    if (asked.first === asked.second) return this.#nothing("Choose two different coders.");
    try {
      const [{ differences }, transcript] = await Promise.all([get("/compare", asked), this.#text(asked.version)]);
      if (asked === this.chosen) this.#show(differences, transcript);
    } catch (error) {
      fill(place("trouble"), `Not up to date: ${error.message}.`).hidden = false;
    }
    return undefined;
  }

  async #text(version) {
    if (String(this.transcript?.version) !== version) this.transcript = await get(`/transcripts/${version}`);
    return this.transcript;
  }

  #show(differences, transcript) {
    this.onScreen = this.chosen;
    const names = [this.chosen.first, this.chosen.second].map((name) => nameOf(name, this.study));
    place("trouble").hidden = true;
    fill(
      place("sides"),
      el("span", {}, "Passage"),
      names.map((name) => el("bdi", {}, name)),
    ).hidden = !differences.length;
    this.list.load(differences, transcript, names);
    place("nothing").hidden = this.list.counts().all > 0;
    fill(
      place("nothing"),
      differences.length ? "They agree on every passage." : "Neither has coded anything in this transcript.",
    );
  }

  #nothing(words) {
    this.list.load([], null, ["", ""]);
    place("sides").hidden = true;
    fill(place("nothing"), words).hidden = false;
  }

  #count() {
    const { settled, all } = this.list.counts();
    fill(place("settled"), `${settled} of ${counted(all, "difference")}`, el("span.quiet", {}, " agreed on"));
    this.list.drawKinds(place("kinds"));
  }

  /** Write down what was agreed on. @param {"first"|"second"|"both"|"none"|"other"} how */
  async settle(how) {
    const one = this.list.current;
    if (!one) return;
    const { version } = this.onScreen;
    const both = [...new Set([...one.first, ...one.second])];
    const codes = { first: one.first, second: one.second, both, none: [] }[how] ?? (await this.#other(both));
    if (!codes || (how !== "none" && !codes.length)) return;
    this.#write(version, one, codes, one.memo ?? one.consensus?.memo ?? "");
    flash(`Agreed: ${codes.length ? codes.map((code) => this.codebook.name(code)).join(", ") : "no code fits"}`);
    this.list.goOn();
  }

  async #other(first) {
    const code = await pickCode(this.codebook, { title: "What do you agree on?", first });
    return code && [code];
  }

  /** A memo goes with the consensus: at once where there is one, else with the next. */
  async memo() {
    const asked = this.list.current;
    if (!asked) return;
    const { version } = this.onScreen;
    const about = `consensus/${version}/${asked.start}-${asked.end}`;
    const text = await writeMemo({ title: "Memo on what you agree on", about, text: this.list.memoOf(asked) });
    if (text === null) return;
    const one = this.list.found(asked); // the list may have been read anew while the memo was written
    one.memo = text;
    if (one.agreed) this.#write(version, one, one.agreed, text);
    this.list.show();
  }

  /** @param {string} version Of the transcript that the passage lies in. */
  #write(version, asked, codes, memo) {
    const { start, end } = asked;
    outbox.agree({ version: Number(version), start, end, codes, memo }, "consensus");
    Object.assign(this.list.found(asked), { agreed: codes, memo, recorder: this.study.coder });
    this.list.show();
  }

  #refused({ entry, error }) {
    if (entry.path !== "/consensus") return;
    flash(`Not taken: ${error.message}`);
    this.load();
  }
}

async function start() {
  const { study, codebook } = await loadStudy();
  const page = new ComparePage(study, codebook);
  await page.load();
  watchPulse((_, before) => {
    if (before && !outbox.waiting().length) page.load();
  });
}

hold(start());
