import { expect, test } from "vitest";
import { dayKept, timeKept } from "./written";

test("days are read as people write them, and days that are none are not", () => {
  for (const words of ["1/12/2026", "01/12/2026", " 1.12.2026 ", "1-12-2026"]) expect(dayKept(words), words).toBe("2026-12-01");
  for (const words of ["31/2/2026", "0/1/2026", "1/13/2026", "2026-12-01", "12/26", ""]) expect(dayKept(words), words).toBeNull();
});

test("a time has a day and an hour, in either order", () => {
  for (const words of ["1/12/2026 10:00", "10:00 1/12/2026", "10h 01/12/2026", "10g00, 1/12/2026"]) expect(timeKept(words), words).toBe("2026-12-01T10:00");
  for (const words of ["1/12/2026", "10:00", "24:00 1/12/2026", "10:60 1/12/2026", "10:00 31/2/2026", "10:00 1/12/2026 sáng"]) expect(timeKept(words), words).toBeNull();
});
