/** Two coders side by side, passage by passage, and what they agree on after talking about it. */

import { get, watchPulse } from "../shared/api.js";
import { loadStudy } from "../shared/codebook.js";
import { counted, el, fill, flash } from "../shared/dom.js";
import { filterControls, put, shared } from "../shared/filter.js";
import { bindKeys, hold } from "../shared/keys.js";
import { writeMemo } from "../shared/memo.js";
import { outbox } from "../shared/outbox.js";
import { coders, nameOf, selectOf } from "../shared/pair.js";
import { pickCode } from "../shared/picker.js";
import { nowIn } from "../shared/presence.js";
import { CompareList } from "./list.js";

const place = (id) => document.getElementById(id);

const PAGE = 100;
/** As many as the server gives at once; who has more chooses a transcript or a code. */
const MOST = 500;

class ComparePage {
  constructor(study, codebook) {
    Object.assign(this, { study, codebook, limit: PAGE, texts: new Map() });
    this.open = study.transcripts.filter((one) => !one.blind);
    this.chosen = this.#asked();
    this.list = new CompareList(place("differences"), codebook, {
      settle: (how) => this.settle(how),
      memo: () => this.memo(),
      consensus: (act) => this.consensus(act),
      text: (version) => this.#text(version),
      looked: (version) => nowIn(version),
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
    return {
      version: String(named?.version ?? ""),
      first: asked.get("first") ?? this.study.coder,
      second: asked.get("second") ?? (first === this.study.coder ? second : first),
      show: asked.get("kind") ?? "differ",
      code: asked.get("code") ?? "",
      domain: asked.get("domain") ?? "",
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
      key(["w"], "withdraw what was agreed on, or bring it back", () => this.list.turnBack()),
      key(["e"], "open the passage in the reading view", () => location.assign(this.list.address())),
    ];
  }

  #drawPair() {
    const names = coders(this.study).map((name) => [name, nameOf(name, this.study)]);
    const transcripts = this.open.map((one) => [String(one.version), one.name]);
    const control = (label, name, options) =>
      selectOf(label, name, options, this.chosen[name], (value) => this.#choose({ [name]: value }));
    this.codes = el("label.choice");
    fill(
      place("pair"),
      control("Transcript", "version", [["", "all transcripts"], ...transcripts]),
      control("First", "first", names),
      control("Second", "second", names),
      this.codes,
      filterControls(this.study, ["where"], (name, change) => this.#narrow(name, change)),
    );
  }

  /** Codes and domains that passages bear, each with how many. @param {Object<string, number>} counts */
  #drawCodes(counts) {
    const of = (code) => counts[code] ?? 0;
    const chosen = this.chosen.domain ? `domain/${this.chosen.domain}` : this.chosen.code && `code/${this.chosen.code}`;
    const option = (value, text) => el("option", { value, selected: value === chosen }, text);
    const groups = this.codebook.domains.map(({ name }) => {
      const codes = this.codebook.codes.filter(
        (code) => code.domain === name && (of(code.id) || chosen === `code/${code.id}`),
      );
      if (!codes.length && chosen !== `domain/${name}`) return null;
      const own = codes.map((code) => option(`code/${code.id}`, `${code.name} (${of(code.id)})`));
      return el("optgroup", { label: name }, option(`domain/${name}`, `all of ${name}`), own);
    });
    const gone = Object.keys(counts).filter((code) => !this.codebook.byId.has(code));
    const others = gone.map((code) => option(`code/${code}`, `${this.codebook.name(code)} (${of(code)})`));
    const choose = ({ target }) => {
      const [kind, ...name] = target.value.split("/");
      this.#choose({ code: "", domain: "", [kind || "code"]: name.join("/") });
    };
    const held = this.codes.contains(document.activeElement);
    const select = el("select", { name: "codes", on: { change: choose } }, option("", "all codes"), groups, others);
    fill(this.codes, el("span", {}, "Codes"), select);
    if (held) select.focus();
  }

  #choose(changes) {
    this.chosen = { ...this.chosen, ...changes };
    this.limit = PAGE;
    const { show, ...rest } = this.chosen;
    put({ ...rest, kind: show });
    hold(this.load()); // keys are for what was chosen, not for what is still shown
  }

  #narrow(name, change) {
    put(change);
    this.chosen = { ...this.chosen };
    this.#drawPair();
    place("pair").querySelector(`[name=${name}]`)?.focus();
    hold(this.load());
  }

  /** Ask for both sides and show them; the passage looked at stays. */
  async load() {
    const asked = this.chosen;
    if (!this.open.length)
      return this.#nothing(
        "There is no transcript that you may see yet: the ones you code blind come here when you are done with them.",
      );
    if (asked.first === asked.second) return this.#nothing("Choose two different coders.");
    try {
      const found = await get("/compare/study", { ...asked, where: shared().where, limit: this.limit });
      const first = found.differences[0];
      if (first) await this.#text(first.version);
      if (asked === this.chosen) await this.#show(found);
    } catch (error) {
      fill(place("trouble"), `Not up to date: ${error.message}.`).hidden = false;
    }
    return undefined;
  }

  /** @param {number} version @returns {Promise<Object>} The transcript; asked for once. */
  #text(version) {
    if (!this.texts.has(version)) {
      const asked = get(`/transcripts/${version}`);
      asked.catch(() => this.texts.delete(version));
      this.texts.set(version, asked);
    }
    return this.texts.get(version);
  }

  async #show(found) {
    const { differences, counts, codes, more } = found;
    const names = [this.chosen.first, this.chosen.second].map((name) => nameOf(name, this.study));
    place("trouble").hidden = true;
    this.counts = counts;
    fill(
      place("sides"),
      el("span", {}, "Passage"),
      names.map((name) => el("bdi", {}, name)),
    ).hidden = !differences.length;
    this.#drawCodes(codes);
    await this.list.load(differences, names, { all: !this.chosen.version, kind: this.chosen.show });
    this.#drawMore(more);
    place("nothing").hidden = differences.length > 0;
    const filtered = this.chosen.code || this.chosen.domain || counts.all > 0;
    const where = this.chosen.version ? "in this transcript" : "yet";
    fill(place("nothing"), !filtered ? `Neither has coded anything ${where}.` : this.#noneOf(counts));
  }

  #noneOf(counts) {
    if (this.chosen.show === "open" && counts.differ) return "Everything they differ on is agreed on.";
    if (this.chosen.code || this.chosen.domain) return "No passage of that kind bears the code.";
    return counts.differ ? "There is no passage of that kind." : "They agree on every passage.";
  }

  #drawMore(more) {
    const says = `${counted(more, "more passage")}${this.limit < MOST ? "" : ": choose a transcript or a code to see them"}`;
    const on = {
      click: () => {
        this.limit = Math.min(MOST, this.limit + 2 * PAGE);
        hold(this.load());
      },
    };
    const button = this.limit < MOST && el("button", { type: "button", on }, "Show more");
    fill(place("more"), more > 0 && [el("span.quiet", {}, says), " ", button]).hidden = !more;
  }

  #nothing(words) {
    this.counts = null;
    this.list.load([], ["", ""], { all: false, kind: this.chosen.show });
    place("sides").hidden = place("more").hidden = true;
    fill(place("nothing"), words).hidden = false;
  }

  #count() {
    if (!this.counts) return;
    const { differ, open } = this.counts;
    fill(place("settled"), `${differ - open} of ${counted(differ, "difference")}`, el("span.quiet", {}, " agreed on"));
    this.list.drawKinds(place("kinds"), this.counts, (show) => this.#choose({ show }));
  }

  /** Write down what was agreed on. @param {"first"|"second"|"both"|"none"|"other"} how */
  async settle(how) {
    const one = this.list.current;
    if (!one) return;
    const both = [...new Set([...one.first, ...one.second])];
    const codes = { first: one.first, second: one.second, both, none: [] }[how] ?? (await this.#other(both));
    if (!codes || (how !== "none" && !codes.length)) return;
    this.#write(one, codes, one.memo ?? one.consensus?.memo ?? "");
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
    const about = `consensus/${asked.version}/${asked.start}-${asked.end}`;
    const text = await writeMemo({ title: "Memo on what you agree on", about, text: this.list.memoOf(asked) });
    if (text === null) return;
    const one = this.list.found(asked); // the list may have been read anew while the memo was written
    one.memo = text;
    if (one.agreed) this.#write(one, one.agreed, text);
    this.list.show();
  }

  #write(asked, codes, memo) {
    const { version, start, end } = asked;
    outbox.agree({ version, start, end, codes, memo }, "consensus");
    this.#settled(asked, { agreed: codes, memo, recorder: this.study.coder, withdrawn: null });
  }

  /** Take back what was agreed on for a passage, or bring it back. @param {"withdraw"|"restore"} act */
  consensus(act, asked = this.list.current) {
    if (!asked) return;
    const { version, start, end } = asked;
    const gone = act === "withdraw";
    const before = gone ? { agreed: asked.agreed, recorder: asked.recorder } : asked.before;
    outbox.consensus(act, { version, start, end });
    const withdrawn = gone ? { recorder: this.study.coder } : null;
    this.#settled(asked, { agreed: null, ...(gone ? {} : before), before, withdrawn });
    const back = { label: "Undo", run: () => this.consensus(gone ? "restore" : "withdraw", this.list.found(asked)) };
    flash(gone ? "Withdrawn: what each of you said counts again" : "Agreed as before", back);
  }

  /** Show at once what the server will say of a passage. */
  #settled(asked, changes) {
    const one = this.list.found(asked);
    const was = one.agreed !== null;
    Object.assign(one, changes);
    const step = Number(one.agreed !== null) - Number(was);
    if (this.counts && one.kind !== "same") this.counts.open -= step;
    this.list.show();
  }

  #refused({ entry, error }) {
    if (!entry.path.startsWith("/consensus")) return;
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
