import { expect, test } from "vitest";
import { asCode, LAYOUTS, press } from "./keys";

test.each([
  ["", "x", "x"],
  ["xac", "space", "xac "],
  ["xac ", "space", "xac "],
  ["", "space", ""],
  ["xac", "erase", "xa"],
  ["", "erase", ""],
  ["ễ", "erase", ""],
  ["abcde", "f", "abcde"],
])("%j and %s give %j", (text, key, expected) => {
  expect(press(text, key, 5)).toBe(expected);
});

test("every letter of a dossier code can be typed", () => {
  const keys = new Set(LAYOUTS.code.flat());
  for (const letter of "h26.112.00-261123-0001") expect(keys).toContain(letter);
  expect(asCode(" h26.112.00-261123-0001 ")).toBe("H26.112.00-261123-0001");
});
