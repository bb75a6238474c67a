import { expect, test } from "vitest";
import { onPaper, withNumber } from "./paper";

test.each([
  ["printing", "coming"],
  ["confirmed", "out"],
  ["sent", "out"],
  ["not_printed", "missing"],
  ["in_doubt", "missing"],
] as const)("paper that is %s is %s", (state, expected) => {
  expect(onPaper(state)).toBe(expected);
});

test("a printer's problem learns the number that it did not know", () => {
  expect(withNumber({ code: "PRINT-PAPER-OUT", params: {} }, "A105").params).toEqual({ number: "A105" });
});
