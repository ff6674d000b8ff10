/** The page of the codebook: its tree, what is chosen in it, its history. Each edit rests on the version that was seen. */

import { ApiError, get, post, watchPulse } from "../shared/api.js";
import { follow, newCode } from "../shared/book_edits.js";
import { loadStudy } from "../shared/codebook.js";
import { announce, counted, el, fill, flash } from "../shared/dom.js";
import { bindKeys, hold } from "../shared/keys.js";
import { newKey } from "../shared/outbox.js";
import { merge, move, remove, rename, renameDomain, split } from "./dialogs.js";
import { codePanel, domainPanel } from "./panel.js";
import { BookTree, branchesOf, countOf } from "./tree.js";
import { versionTable } from "./versions.js";

const place = (id) => document.getElementById(id);

class BookPage {
  constructor(codebook, coder) {
    Object.assign(this, { codebook, coder, book: null, all: false });
    /** What was typed about a code and not saved yet, by id of the code. @type {Map<string, Object>} */
    this.drafts = new Map();
    this.tree = new BookTree(place("tree"), {
      choose: (chosen) => this.choose(chosen),
      move: (code, domain, at) => this.tell(this.edit({ kind: "move", code, domain, at })),
    });
    place("new").addEventListener("click", () => this.add());
    place("undo").addEventListener("click", () => this.undo());
    bindKeys(this.keys());
    watchPulse(
      (now, before) => before && (now.marks !== before.marks || now.decisions !== before.decisions) && this.load(),
    );
  }

  async load() {
    try {
      this.take(await get("/codebook"));
    } catch (error) {
      this.trouble(`Not up to date: ${error.message}.`);
    }
  }

  trouble(says) {
    place("trouble").hidden = !says;
    place("trouble").textContent = says;
  }

  /** Go on with what the server says. @param {Object} book */
  take(book) {
    this.book = book;
    follow(this.codebook, book);
    this.trouble(book.problem && `The file cannot be read now, so this is how it was: ${book.problem}.`);
    this.show();
  }

  show() {
    const { book } = this;
    const { code, domain } = this.tree.chosen;
    if (code && !this.code(code)) this.tree.chosen = {};
    if (domain && !this.branch(domain)) this.tree.chosen = {};
    this.tree.show(book, this.codebook);
    const coded = book.codes.reduce((sum, each) => sum + each.coded, 0);
    place("sum").textContent = `${counted(book.codes.length, "code")}, ${counted(coded, "coding")}`;
    this.showStanding();
    this.showPanel();
    this.showRemoved();
    fill(
      place("versions"),
      versionTable(book.versions, {
        takeBack: (version) => this.takeBack(version),
        all: this.all,
        showAll: () => {
          this.all = true;
          this.show();
        },
      }),
    );
  }

  /** Say whether suggestions were made with another version, and with which. */
  showStanding() {
    const { codes, digest, suggested_with: with_, versions } = this.book;
    const at = versions.findIndex((version) => version.digest === with_);
    const since = at < 0 ? "" : ` (${counted(at, "change")} ago)`;
    const says = codes.length
      ? [
          "Suggestions were made with version ",
          el("code", {}, with_.slice(0, 8)),
          `${since}. They stay as far as their codes do; `,
          el("a", { href: "/files" }, "suggest codes again"),
          " to use the codebook as it is now.",
        ]
      : [
          "There are no codes yet, so there are no suggestions. Make some here, or while you ",
          el("a", { href: "/" }, "read"),
          ".",
        ];
    place("standing").hidden = codes.length > 0 && (!with_ || with_ === digest);
    fill(place("standing"), says);
  }

  showPanel() {
    const focused = place("panel").contains(document.activeElement) ? document.activeElement : null;
    const { code, domain } = this.tree.chosen;
    const found = code && this.code(code);
    const branch = domain && this.branch(domain);
    const acts = this.acts();
    const colours = (name) => this.book.domains.find((each) => each.name === name);
    fill(
      place("panel"),
      found && codePanel(found, colours(found.domain), acts, this.drafts.get(found.id) ?? null),
      branch && domainPanel(domain, countOf(branch), colours(domain), colours(domain)?.chosen ?? "", acts),
      !found && !branch && el("p.quiet", {}, "Choose a code or a domain to see and change it."),
    );
    const label = focused && (focused.getAttribute("name") ?? focused.textContent);
    if (focused)
      [...place("panel").querySelectorAll("button, [name]")]
        .find((one) => (one.getAttribute("name") ?? one.textContent) === label)
        ?.focus({ preventScroll: true });
  }

  showRemoved() {
    const { removed, gone } = this.book;
    place("removed").hidden = !removed.length && !Object.keys(gone).length;
    const line = (name, count, restore) => el("li", {}, el("b", {}, name), ` · ${counted(count, "coding")} `, restore);
    const back = (code) => () => this.tell(this.edit({ kind: "restore", code: code.id }));
    fill(
      place("removed").querySelector("ul"),
      removed.map((code) =>
        line(
          code.name,
          code.coded,
          el(
            "button",
            { type: "button", "aria-label": `Put ${code.name} back`, on: { click: back(code) } },
            "Put back",
          ),
        ),
      ),
      Object.entries(gone).map(([id, count]) => line(id, count, null)),
    );
  }

  code(id) {
    return this.book.codes.find((code) => code.id === id);
  }

  branch(path) {
    const all = ({ groups }) => groups.flatMap((group) => [group, ...all(group)]);
    return all(branchesOf(this.book.codes)).find((branch) => branch.path === path);
  }

  choose(chosen) {
    this.tree.choose(chosen, true);
    this.showPanel();
  }

  /** Send an edit; keys wait until it is done. @param {Object} edit @returns {Promise<string>} What was done. */
  edit(edit) {
    return hold(this.#post("/codebook/edits", { edit }));
  }

  async #post(path, body) {
    try {
      const { about, codebook } = await post(path, { key: newKey(), file: this.book.file, ...body });
      if (about && codebook.codes.some(({ id }) => id === about)) this.tree.chosen = { code: about };
      this.take(codebook);
      return codebook.versions[0].said;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 409 || error.status === 404)) await this.load();
      throw error;
    }
  }

  /** Say what an edit came to. @param {Promise<string|null>} edit */
  async tell(edit) {
    try {
      const said = await edit;
      if (said) flash(`${said}.`, { label: "Undo", run: () => this.undo() });
    } catch (error) {
      flash(`Not done: ${error.message}.`);
    }
  }

  async add(domain = this.code(this.tree.chosen.code ?? "")?.domain ?? this.tree.chosen.domain ?? "") {
    const id = await newCode(this.codebook, { domain });
    if (id === null) return;
    this.tree.chosen = { code: id };
    await this.load();
    flash(`Made ${this.codebook.name(id)}.`, { label: "Undo", run: () => this.undo() });
    place("panel").querySelector("textarea")?.focus();
  }

  /** Take back the coder's newest change that holds. */
  undo() {
    const own = this.book.versions.find(
      (one) => one.coder === this.coder && one.can_take_back && one.takes_back === null,
    );
    if (!own) return announce("There is nothing of yours to take back");
    return this.takeBack(own);
  }

  /** Do again what the coder took back last, if nothing followed. */
  redo() {
    const own = this.book.versions.find((one) => one.coder === this.coder && one.in_force);
    if (!own || own.takes_back === null || own.kind !== "take_back") return announce("There is nothing to do again");
    return this.takeBack(own);
  }

  takeBack({ id }) {
    return this.tell(hold(this.#post("/codebook/take-back", { version: id })));
  }

  /** What can be done with what is chosen. */
  acts() {
    const { code: id, domain } = this.tree.chosen;
    const code = id ? this.code(id) : undefined;
    const send = (edit) => this.edit(edit);
    if (!code)
      return {
        add: () => this.add(domain),
        rename: () => domain && this.tell(renameDomain(domain, send)),
        colour: (colour) => this.tell(send({ kind: "colour", domain, colour })),
      };
    return {
      rename: () => this.tell(rename(code, send)),
      move: () => this.tell(move(code, this.codebook, send)),
      up: () => this.step(code, -1),
      down: () => this.step(code, 1),
      merge: () => this.tell(merge(code, this.codebook, send)),
      split: () => this.tell(split(code, this.codebook, send)),
      remove: () => this.tell(remove(code, this.codebook, send)),
      draft: (typed) => this.drafts.set(code.id, typed),
      describe: (said) => this.tell(this.describe(code, said)),
    };
  }

  async describe(code, said) {
    const done = await this.edit({ kind: "describe", code: code.id, ...said });
    this.drafts.delete(code.id);
    this.showPanel();
    return done;
  }

  /** Move a code among those of its domain. @param {Object} code @param {1|-1} direction */
  step(code, direction) {
    const there = this.book.codes.filter(({ domain }) => domain === code.domain);
    const at = there.findIndex(({ id }) => id === code.id) + direction;
    if (at < 0 || at >= there.length) return announce("It stands at the end");
    return this.tell(this.edit({ kind: "move", code: code.id, domain: code.domain, at }));
  }

  keys() {
    const act = (name) => () => void this.acts()[name]?.();
    const chosen = () => Boolean(this.tree.chosen.code);
    const any = () => chosen() || Boolean(this.tree.chosen.domain);
    const key = (keys, does, run, when, group = "The code") => ({ keys, does, run, when, group });
    return [
      key(["n"], "a new code", () => void this.add(), undefined, "The codebook"),
      key(["/"], "find a code", () => void this.tree.search.focus(), undefined, "The codebook"),
      key(["z"], "take back your last change", () => void this.undo(), undefined, "The codebook"),
      key(["Shift+Z"], "do it again", () => void this.redo(), undefined, "The codebook"),
      key(["r"], "rename it", act("rename"), any),
      key(["d"], "describe it", () => void place("panel").querySelector("textarea")?.focus(), chosen),
      key(["v"], "move it to another domain", act("move"), chosen),
      key(["Alt+ArrowUp"], "move it up", act("up"), chosen),
      key(["Alt+ArrowDown"], "move it down", act("down"), chosen),
      key(["g"], "merge it into another", act("merge"), chosen),
      key(["s"], "split it", act("split"), chosen),
      key(["x", "Delete"], "take it out", act("remove"), chosen),
      key(["Escape"], "back to the tree", () => void place("tree").querySelector("[aria-current]")?.focus()),
    ];
  }
}

async function start() {
  const { study, codebook } = await loadStudy();
  const page = new BookPage(codebook, study.coder);
  await page.load();
  const asked = decodeURIComponent(location.hash.slice(1));
  if (asked && page.book && page.code(asked)) page.choose({ code: asked });
}

hold(start());
