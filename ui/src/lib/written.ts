// Days and hours as people here write them, and as the station reads them.

/** `1/12/2026` as `2026-12-01`; none where it is no day. */
export function dayKept(words: string): string | null {
  const found = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(words.trim());
  if (!found) return null;
  const [day, month, year] = found.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return `${year}-${two(month)}-${two(day)}`;
}

/** `1/12/2026 10:00` or `10h00 1/12/2026` as `2026-12-01T10:00`; none where it is no such time. */
export function timeKept(words: string): string | null {
  const parts = words.trim().split(/[\s,]+/);
  const hour = parts.map((part) => /^(\d{1,2})[:hg](\d{2})?$/i.exec(part)).find((found) => found !== null);
  const day = parts.map(dayKept).find((found) => found !== null);
  if (parts.length !== 2 || !hour || !day) return null;
  const [hours, minutes] = [Number(hour[1]), Number(hour[2] ?? "0")];
  return hours < 24 && minutes < 60 ? `${day}T${two(hours)}:${two(minutes)}` : null;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
