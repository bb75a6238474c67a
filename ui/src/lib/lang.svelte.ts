// The language of the page and every text of it. Vietnamese is first: it is what the page speaks until someone chooses.
import type { Problem, Text } from "../bindings";
import { texts, type Key } from "../texts";
import { fill, nextStep, sentence, type Reader } from "./problem";

export type Lang = "vi" | "en";

class Language {
  now: Lang = $state("vi");

  /** Changes the language of the page, for screen readers too. */
  set(lang: Lang) {
    this.now = lang;
    document.documentElement.lang = lang;
  }
}

export const language = new Language();

/** A text of the page's own in the language now chosen. */
export function t(key: Key, params: Record<string, string | number> = {}): string {
  const named = Object.fromEntries(Object.entries(params).map(([k, v]) => [k, String(v)]));
  return fill(texts[language.now][key], named);
}

/** A text that came from the station, in the language now chosen. */
export function say(text: Text): string {
  return (language.now === "en" && text.en) || text.vi;
}

/** What a problem means for its reader, in the language now chosen. */
export function tell(problem: Problem, reader: Reader): string {
  return sentence(problem, reader, language.now);
}

/** What the officer does about a problem. */
export function todo(problem: Problem): string {
  return nextStep(problem, language.now);
}
