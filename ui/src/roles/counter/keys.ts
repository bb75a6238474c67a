// The counter is worked by keys. What a key does depends on where the officer is writing.
import type { Section } from "./draft";

export type Action =
  | { do: "call" | "recall" | "away" | "send_back" | "no_show" | "open_person" | "read_chip" | "earlier" | "close" | "return" | "accept" | "search" | "next" | "leave_field" }
  | { do: "section"; section: Section }
  | { do: "take_back" | "service"; place: number }
  | { do: "tick" | "take_over"; paper: number }
  | { do: "consent" | "paid" | "slip" };

export type Pressed = { key: string; ctrl: boolean; alt: boolean; shift: boolean };
export type Where = {
  /** In a field that takes letters: digits and the slash are text there. */
  typing: boolean;
  /** On something that Enter itself works: a button, a search result. */
  on_button: boolean;
  section: Section;
  /** Nobody is at the desk. */
  free: boolean;
};

const FUNCTION_KEYS: Record<string, Action> = {
  F1: { do: "away" }, F2: { do: "call" }, F3: { do: "recall" }, F4: { do: "no_show" }, F6: { do: "earlier" }, F7: { do: "read_chip" }, F8: { do: "open_person" }, F9: { do: "close" }, F10: { do: "return" },
};

const SHIFTED_KEYS: Record<string, Action> = { F9: { do: "send_back" } };
/** With Alt the digits after those of the sections begin what else the citizen wants. */
const FIRST_SERVICE_KEY = 6;

export function serviceKey(place: number): string | undefined {
  return place < 4 ? `Alt+${FIRST_SERVICE_KEY + place}` : undefined;
}

export function action(pressed: Pressed, where: Where): Action | null {
  if (pressed.ctrl) return pressed.key === "Enter" ? { do: "accept" } : null;
  if (pressed.alt) return section(pressed.key) ?? service(pressed.key);
  const named = (pressed.shift ? SHIFTED_KEYS : FUNCTION_KEYS)[pressed.key];
  if (named) return named;
  if (pressed.key === "Escape") return { do: "leave_field" };
  if (pressed.key === "Enter") return where.on_button ? null : { do: "next" };
  if (where.typing) return null;
  if (pressed.key === "/") return { do: "search" };
  if (where.free) return /^[1-9]$/.test(pressed.key) ? { do: "take_back", place: Number(pressed.key) - 1 } : null;
  // In the list of papers the digits tick papers; elsewhere they open sections.
  if (where.section === 3 && /^[1-9]$/.test(pressed.key)) return { do: "tick", paper: Number(pressed.key) - 1 };
  if (where.section === 4 && pressed.key === "0") return { do: "paid" };
  if (where.section === 5 && pressed.key === "0") return { do: "slip" };
  if (where.section === 3) return reuse(pressed.key) ?? section(pressed.key);
  return section(pressed.key);
}

/** The letters beneath the digits: 1 says that the first paper was handed in, Q that it is taken over. */
export const TAKE_OVER_KEYS = "QWERTYUIO";

function reuse(key: string): Action | null {
  if (key === "0") return { do: "consent" };
  const paper = key.length === 1 ? TAKE_OVER_KEYS.indexOf(key.toUpperCase()) : -1;
  return paper < 0 ? null : { do: "take_over", paper };
}

function section(key: string): Action | null {
  return /^[1-5]$/.test(key) ? { do: "section", section: Number(key) as Section } : null;
}

function service(key: string): Action | null {
  return /^[6-9]$/.test(key) ? { do: "service", place: Number(key) - FIRST_SERVICE_KEY } : null;
}
