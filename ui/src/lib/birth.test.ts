import { expect, test } from "vitest";
import { birthKept, birthShown } from "./birth";

test.each([
  ["1999-02-15", "15/02/1999"],
  ["1949-02", "02/1949"],
  ["1949", "1949"],
  ["", ""],
  ["khoảng 1950", "khoảng 1950"],
])("%j is shown as %j and kept as it was", (kept, shown) => {
  expect(birthShown(kept)).toBe(shown);
  expect(birthKept(shown)).toBe(kept);
});

test.each([
  ["15.2.1999", "1999-02-15"],
  [" 1/12/2001 ", "2001-12-01"],
  ["1999-02-15", "1999-02-15"],
])("%j is kept as %j", (written, kept) => {
  expect(birthKept(written)).toBe(kept);
});
