// Every code that a person may meet has its sentences in one catalogue, fixtures/problems.json. A page never matches text.
import catalogue from "$problems";
import type { Problem } from "../bindings";

export type Reader = "citizen" | "officer";
type Sentences = { vi: string; en: string };
type Entry = { meaning: string; citizen: Sentences; officer: Sentences; next?: Sentences };

const ENTRIES = catalogue as Record<string, Entry>;
/** What a code that is not in the catalogue is shown as: an older page may meet a newer station. */
const FALLBACK = "STATION-FAULT";

/** What the reader is told of a problem; empty where the catalogue has nothing to tell them. */
export function sentence(problem: Problem, reader: Reader, lang: "vi" | "en"): string {
  return fill(entry(problem.code)[reader][lang], problem.params ?? {});
}

/** What the officer does next; empty where there is nothing to do. */
export function nextStep(problem: Problem, lang: "vi" | "en"): string {
  return fill(entry(problem.code).next?.[lang] ?? "", problem.params ?? {});
}

/**
 * Puts the parameters in their places. A sentence whose parameter is not known is left out: "Máy hết giấy. Số của quý vị là
 * {number}." says only its first half before there is a number. Where nothing would be left, the gap shows as "…".
 */
export function fill(text: string, params: Record<string, string>): string {
  const known = text.split(/(?<=[.?!])\s+/).filter((s) => placeholders(s).every((name) => name in params));
  const kept = known.length > 0 ? known.join(" ") : text;
  return kept.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "…");
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] as string);
}

function entry(code: string): Entry {
  return ENTRIES[code] ?? (ENTRIES[FALLBACK] as Entry);
}
