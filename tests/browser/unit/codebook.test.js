import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { Codebook, matches } from "../../../flows/web/static/shared/codebook.js";

const code = (id, name, more = {}) => ({
  id,
  name,
  domain: "Care",
  level: "micro",
  definition: "",
  include: "",
  exclude: "",
  ...more,
});
const codebook = new Codebook({
  domains: [
    { name: "Care", light: "#111111", dark: "#eeeeee" },
    { name: "Money", light: "#222222", dark: "#dddddd" },
  ],
  codes: [
    code("care.team", "Team work", { definition: "Who works with whom, and who pays" }),
    code("care.plan", "Care plans"),
    code("money.pay", "Payment", { domain: "Money", level: null }),
    code("money.cafe", "Café budget", { domain: "Money" }),
  ],
});
const found = (asked) => codebook.search(asked).map(({ id }) => id);

test("a code is called by its name, one that is gone by its id", () => {
  assert.equal(codebook.name("care.team"), "Team work");
  assert.equal(codebook.name("care.gone"), "care.gone");
});

test("a code has its domain's colours, one that is gone has none", () => {
  assert.equal(codebook.domainOf("money.pay").light, "#222222");
  assert.equal(codebook.domainOf("care.gone"), undefined);
  assert.deepEqual(
    codebook.codesOf("Money").map(({ id }) => id),
    ["money.pay", "money.cafe"],
  );
});

test("search finds names before definitions, whatever case and accents", () => {
  assert.deepEqual(found("pay"), ["money.pay", "care.team"]);
  assert.deepEqual(found("CAFE"), ["money.cafe"]);
});

test("search wants every word, and nothing asked for is every code in its order", () => {
  assert.deepEqual(found("money payment"), ["money.pay"]);
  assert.deepEqual(found("team nowhere"), []);
  assert.deepEqual(
    found("  "),
    codebook.codes.map(({ id }) => id),
  );
});

const aliased = new Codebook({
  domains: [{ name: "Care", light: "#111111", dark: "#eeeeee" }],
  codes: [
    code("a", "Continuity", { definition: "Trust that grows with the same doctor, trust and again trust" }),
    code("b", "Rapport", { aliases: ["Mutual trust"] }),
    code("c", "Trust"),
    code("d", "Building trust", { definition: "Care" }),
    code("trust.e", "Reliance"),
  ],
});

test("search puts names before other names, these before ids, and descriptions last", () => {
  assert.deepEqual(
    aliased.hits("trust").map(({ code, at }) => [code.id, at]),
    [
      ["c", "name"],
      ["d", "name"],
      ["b", "alias"],
      ["trust.e", "place"],
      ["a", "description"],
    ],
  );
});

test("a code whose name has all words comes before one that has most of them", () => {
  assert.deepEqual(
    aliased.hits("building trust").map(({ code }) => code.id),
    ["d"],
  );
  assert.equal(aliased.hits("continuity trust")[0].at, "description");
});

test("what was found is told: the text that holds the word", () => {
  const texts = Object.fromEntries(aliased.hits("trust").map(({ code, text }) => [code.id, text]));
  assert.equal(texts.b, "Mutual trust");
  assert.match(texts.a, /same doctor/);
});

const words = (text, asked) =>
  matches(text, asked)
    .map(({ text: piece, hit }) => (hit ? `[${piece}]` : piece))
    .join(" ");

test("matched words are told apart, whatever case and accents, and long texts are cut around them", () => {
  assert.equal(words("Café budget", "cafe"), "[Café] budget");
  const shown = words(`${"one two three ".repeat(10)}needle ${"four five ".repeat(20)}`, "needle");
  assert.match(shown, /^… .*\[needle\].*…$/);
  assert.ok(shown.split(" ").length < 20);
});
