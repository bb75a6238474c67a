import { expect, test } from "vitest";
import { KIOSK_SHORT_SIDE_MM, pxPerMm, shapeOf } from "./size";

test.each([
  ["a kiosk's own screen keeps its millimetres", 2.9, 1080, 1920, 2.9],
  ["15 inches, 1024 x 768", 3.37, 1024, 768, 3.37],
  ["a small window is a picture of a kiosk", 3.78, 540, 960, 540 / KIOSK_SHORT_SIDE_MM],
  ["an unknown screen is taken for 96 dpi", 0, 4000, 4000, 96 / 25.4],
])("%s", (_, px, width, height, expected) => {
  expect(pxPerMm(px, width, height)).toBeCloseTo(expected, 5);
});

test.each([
  [2.9, 1080, 1920, "tall"],
  [3.78, 860, 1180, "narrow"],
  [3.37, 1024, 768, "wide"],
  [3.37, 768, 768, "wide"],
] as const)("%d pixels a millimetre, %d x %d is %s", (px, width, height, expected) => {
  expect(shapeOf(px, width, height)).toBe(expected);
});
