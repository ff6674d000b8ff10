import assert from "node:assert/strict";
import test from "node:test";
import "./page.js";
import { branchesOf, countOf } from "../../../flows/web/static/codebook/tree.js";
import { codeCalled, follow } from "../../../flows/web/static/shared/book_edits.js";
import { Codebook } from "../../../flows/web/static/shared/codebook.js";

const code = (id, name, domain, coded = 0, open = 0) => ({ id, name, domain, coded, open });
const CODES = [
  code("a", "Told", "Leaving", 2, 1),
  code("b", "Lifts", "Home / Help / At night", 1, 3),
  code("c", "Alone", "Home", 4, 0),
  code("d", "Meals", "Home / Help", 0, 2),
];

test("branchesOf makes a branch of every step of a domain, in the order of the codebook", () => {
  const shape = ({ name, path, groups, codes }) => [name, path, codes.map(({ id }) => id), groups.map(shape)];
  assert.deepEqual(branchesOf(CODES).groups.map(shape), [
    ["Leaving", "Leaving", ["a"], []],
    ["Home", "Home", ["c"], [["Help", "Home / Help", ["d"], [["At night", "Home / Help / At night", ["b"], []]]]]],
  ]);
  assert.deepEqual(branchesOf([]).groups, []);
});

test("countOf sums what stands in a branch and in its groups", () => {
  assert.deepEqual(countOf(branchesOf(CODES).groups[1]), { coded: 5, open: 5 });
  assert.deepEqual(countOf(branchesOf(CODES)), { coded: 7, open: 6 });
});

test("a codebook that is followed tells it, and knows the names of codes that were taken out", () => {
  const codebook = new Codebook({ domains: [], codes: CODES });
  let told = 0;
  codebook.addEventListener("change", () => {
    told += 1;
  });
  follow(codebook, { digest: "x", domains: [{ name: "Home" }], codes: CODES.slice(1), removed: [CODES[0]] });
  assert.deepEqual([told, codebook.name("a"), codebook.name("b"), codebook.name("zz")], [1, "Told", "Lifts", "zz"]);
  assert.equal(codebook.domainOf("c").name, "Home");
});

test("codeCalled finds a code however its name is spelt", () => {
  const codebook = new Codebook({ domains: [], codes: [code("x", "Café  budget", "Money")] });
  assert.equal(codeCalled(codebook, " cafe BUDGET ")?.id, "x");
  assert.equal(codeCalled(codebook, "cafe"), undefined);
});
