// How many tiles go on one page, so that no name is ever cut and nothing has to be scrolled.

/** The room for the tiles, and the type that their names are set in, in millimetres. */
export type Area = { width_mm: number; height_mm: number; type_mm: number };
export type Grid = { columns: number; per_page: number };

/** Six choices are as many as one look takes in. */
const MOST_PER_PAGE = 6;
const GAP_MM = 3.5;
const PAGER_MM = 20;
const LINE_EM = 1.45;
const NOTE_MM = 7.5;
/** Mean advance of Be Vietnam Pro semibold, in em, with room for a word that wraps early. */
const CHAR_EM = 0.64;
const TILE_PAD_X_MM = 18;
const TILE_PAD_Y_MM = 9;
const SMALLEST_TILE_MM = 16;

/** The grid for tiles whose names have these lengths (letters), each with `note_lines` small lines below its name. `row_below`: the row of the pager is there anyway. */
export function grid(area: Area, lengths: number[], note_lines: number, row_below = false): Grid {
  const whole = best(area, lengths, note_lines);
  if (!row_below && lengths.length <= whole.per_page) return whole;
  return best({ ...area, height_mm: area.height_mm - PAGER_MM }, lengths, note_lines);
}

/** How many pages there are; at least one, for an empty page still says something. */
export function pages(count: number, per_page: number): number {
  return Math.max(1, Math.ceil(count / Math.max(1, per_page)));
}

/** The part of `items` on page `page` (from 0); a page that no longer exists is the last one. */
export function slice<T>(items: T[], page: number, per_page: number): T[] {
  const at = Math.min(Math.max(0, page), pages(items.length, per_page) - 1) * per_page;
  return items.slice(at, at + per_page);
}

function best(area: Area, lengths: number[], note_lines: number): Grid {
  const candidates = [1, 2, 3].map((columns) => ({ columns, per_page: capacity(area, columns, lengths, note_lines) }));
  const fit = candidates.filter((c) => c.per_page > 0);
  const most = Math.max(1, ...fit.map((c) => c.per_page));
  // Of grids that show as much, a tall screen takes two columns and a wide one three: tiles keep the shape of a sign.
  const wished = area.height_mm > area.width_mm ? 2 : 3;
  const full = fit.filter((c) => c.per_page === most);
  return full.find((c) => c.columns === wished) ?? full.at(-1) ?? { columns: 1, per_page: 1 };
}

function capacity(area: Area, columns: number, lengths: number[], note_lines: number): number {
  const width = (area.width_mm - (columns - 1) * GAP_MM) / columns - TILE_PAD_X_MM;
  const chars = Math.floor(width / (area.type_mm * CHAR_EM));
  if (chars < 12) return 0;
  const lines = Math.max(1, Math.ceil(Math.max(0, ...lengths) / chars));
  const words_mm = lines * LINE_EM * area.type_mm + note_lines * LINE_EM * NOTE_MM;
  const tile_mm = Math.max(SMALLEST_TILE_MM, words_mm + TILE_PAD_Y_MM);
  const rows = Math.floor((area.height_mm + GAP_MM) / (tile_mm + GAP_MM));
  return Math.min(MOST_PER_PAGE, rows * columns);
}
