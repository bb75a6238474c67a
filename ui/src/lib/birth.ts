// Dates of birth are kept as on the card, year first, and read as people write them here, day first. A card may know only the year.

/** "1999-02-15" as "15/02/1999", "1949-02" as "02/1949"; whatever else stands as it is. */
export function birthShown(kept: string): string {
  return /^\d{4}(-\d{2}){0,2}$/.test(kept) ? kept.split("-").reverse().join("/") : kept;
}

/** "15/02/1999" or "15.2.1999" as "1999-02-15"; what is no date stays as it was written. */
export function birthKept(written: string): string {
  const parts = written.trim().split(/[/.\-]/);
  const is_date = parts.length <= 3 && parts.every((part) => /^\d{1,2}$/.test(part) || /^\d{4}$/.test(part)) && /^\d{4}$/.test(parts.at(-1) ?? "");
  return is_date ? parts.reverse().map((part) => part.padStart(2, "0")).join("-") : written.trim();
}
