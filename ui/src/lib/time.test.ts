import { expect, test } from "vitest";
import { clock, day, elapsed, longDay, moment } from "./time";

// 2026-11-23 is a Monday; Hanoi is seven hours ahead of UTC.
const MORNING = Date.UTC(2026, 10, 23, 1, 42, 5);

test("a time is Hanoi's, whatever the machine's zone", () => {
  expect(clock(MORNING)).toBe("08:42");
  expect(day(MORNING)).toBe("23/11/2026");
  expect(moment(MORNING)).toBe("08:42 · 23/11/2026");
  expect(longDay(MORNING, "vi")).toBe("Thứ hai, 23/11/2026");
  expect(longDay(MORNING, "en")).toBe("Monday, 23/11/2026");
});

test("the day turns at Hanoi's midnight", () => {
  expect(day(Date.UTC(2026, 10, 23, 16, 59, 59))).toBe("23/11/2026");
  expect(day(Date.UTC(2026, 10, 23, 17, 0, 0))).toBe("24/11/2026");
});

test.each([
  [0, "00:00"],
  [252_000, "04:12"],
  [3_600_000, "60:00"],
  [-5_000, "00:00"],
])("%i ms gone by reads %s", (gone, expected) => {
  expect(elapsed(MORNING, MORNING + gone)).toBe(expected);
});
