import assert from "node:assert/strict";
import test from "node:test";
import { Codebook } from "../../../flows/web/static/shared/codebook.js";

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
