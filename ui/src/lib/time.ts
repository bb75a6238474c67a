// Times of the station are epoch milliseconds; Vietnam keeps UTC+7 all year, so a clock face needs no table of zones.
import type { Lang } from "./lang.svelte";

const HANOI_OFFSET_MS = 7 * 3_600_000;
const DAYS: Record<Lang, string[]> = {
  vi: ["Chủ nhật", "Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
};

/** "08:42" in Hanoi. */
export function clock(at_ms: number): string {
  const d = inHanoi(at_ms);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}

/** "23/11/2026" in Hanoi. */
export function day(at_ms: number): string {
  const d = inHanoi(at_ms);
  return `${two(d.getUTCDate())}/${two(d.getUTCMonth() + 1)}/${d.getUTCFullYear()}`;
}

/** "Thứ hai, 23/11/2026". */
export function longDay(at_ms: number, lang: Lang): string {
  return `${DAYS[lang][inHanoi(at_ms).getUTCDay()]}, ${day(at_ms)}`;
}

/** "08:42 · 23/11/2026". */
export function moment(at_ms: number): string {
  return `${clock(at_ms)} · ${day(at_ms)}`;
}

/** Minutes and seconds that have gone by, "04:12"; never negative, for clocks may be set back. */
export function elapsed(from_ms: number, now_ms: number): string {
  const seconds = Math.max(0, Math.floor((now_ms - from_ms) / 1000));
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
}

function inHanoi(at_ms: number): Date {
  return new Date(at_ms + HANOI_OFFSET_MS);
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
