import { describe, expect, test } from "vitest";
import { grid, pages, slice, type Area } from "./paging";

const AREAS: Record<string, Area> = {
  "1024 x 768, 15 inches": { width_mm: 288, height_mm: 120, type_mm: 7 },
  "1366 x 768, drawn to scale": { width_mm: 322, height_mm: 95, type_mm: 7 },
  "1080 x 1920, 32 inches": { width_mm: 344, height_mm: 480, type_mm: 9 },
};

describe.each(Object.entries(AREAS))("%s", (_, area) => {
  test.each([1, 1.25, 1.5])("shows one to six tiles at text size %d, whatever the names", (scale) => {
    for (const longest of [5, 30, 80, 160, 240, 400]) {
      for (const count of [1, 6, 7, 40]) {
        const lengths = Array.from({ length: count }, (_, i) => (i === 0 ? longest : 12));
        const { columns, per_page } = grid({ ...area, type_mm: area.type_mm * scale }, lengths, 1);
        expect(columns).toBeGreaterThanOrEqual(1);
        expect(per_page).toBeGreaterThanOrEqual(1);
        expect(per_page).toBeLessThanOrEqual(6);
      }
    }
  });
});

test("six short names stand on one page of every screen", () => {
  for (const area of Object.values(AREAS)) expect(grid(area, [7, 9, 12, 20, 14, 8], 1).per_page).toBeGreaterThanOrEqual(4);
  expect(grid(AREAS["1080 x 1920, 32 inches"] as Area, [7, 9, 12, 20, 14, 8], 1)).toEqual({ columns: 2, per_page: 6 });
});

test("larger text never puts more on a page", () => {
  for (const area of Object.values(AREAS)) {
    const at = (scale: number) => grid({ ...area, type_mm: area.type_mm * scale }, [60, 60, 60, 60, 60, 60, 60], 0).per_page;
    expect(at(1.5)).toBeLessThanOrEqual(at(1));
  }
});

test("a page before it is measured shows one tile", () => {
  expect(grid({ width_mm: 0, height_mm: 0, type_mm: 7 }, [10, 10], 0)).toEqual({ columns: 1, per_page: 1 });
});

test("pages hold every item once", () => {
  const items = Array.from({ length: 17 }, (_, i) => i);
  for (let per_page = 1; per_page <= 6; per_page += 1) {
    const shown = Array.from({ length: pages(items.length, per_page) }, (_, page) => slice(items, page, per_page)).flat();
    expect(shown).toEqual(items);
  }
  expect(slice(items, 99, 6)).toEqual([12, 13, 14, 15, 16]);
  expect(pages(0, 6)).toBe(1);
});
