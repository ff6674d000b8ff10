import assert from "node:assert/strict";
import { test } from "node:test";

import { abreast } from "../../../flows/web/static/insight/matrix_print.js";

const groups = [3, 1, 5].map((size, n) => ({
  domain: { name: `d${n}` },
  columns: Array.from({ length: size }, (_, at) => ({ title: `${n}.${at}`, codes: [] })),
}));

test("a table is cut into sheets of so many columns, none lost, each under its domain", () => {
  for (const most of [1, 2, 4, 9, 100]) {
    const sheets = abreast(groups, most);
    const columns = sheets.map((sheet) => sheet.flatMap((group) => group.columns));
    assert.deepEqual(
      columns.flat(),
      groups.flatMap((group) => group.columns),
    );
    assert.ok(columns.every(({ length }) => length > 0 && length <= most));
    for (const group of sheets.flat())
      for (const { title } of group.columns) assert.equal(`d${title[0]}`, group.domain.name);
  }
});
