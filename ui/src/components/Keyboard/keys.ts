// What each key of the on-screen keyboard does to the text.

export type Layout = "words" | "code";

const LETTERS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map((row) => [...row]);
const DIGITS = [..."1234567890"];

export const LAYOUTS: Record<Layout, string[][]> = {
  words: [...LETTERS.slice(0, 2), [...(LETTERS[2] as string[]), "erase"], ["space"]],
  code: [DIGITS, ...LETTERS.slice(0, 2), [...(LETTERS[2] as string[]), ".", "-", "erase"]],
};

/** The text after a key; no longer than `max` letters. */
export function press(text: string, key: string, max: number): string {
  if (key === "erase") return [...text].slice(0, -1).join("");
  const added = key === "space" ? " " : key;
  if (key === "space" && (text === "" || text.endsWith(" "))) return text;
  return [...text].length >= max ? text : text + added;
}

/** A dossier code as it is written: capitals, no blanks. */
export function asCode(text: string): string {
  return text.toUpperCase().replace(/\s+/g, "");
}
