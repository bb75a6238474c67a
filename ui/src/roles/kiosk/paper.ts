// What the citizen has to be told about the paper.
import type { PaperState, Problem } from "../../bindings";

/** Seconds until the first screen comes back by itself, once the paper is out. */
export const HOME_AFTER_S = 15;

export type OnPaper = "coming" | "out" | "missing";

/** Paper that nobody is sure of counts as missing: the number has to be kept some other way. */
export function onPaper(state: PaperState): OnPaper {
  if (state === "printing") return "coming";
  return state === "confirmed" || state === "sent" ? "out" : "missing";
}

/** The problem with the ticket's number in it, which the printer did not know. */
export function withNumber(problem: Problem, number: string): Problem {
  return { ...problem, params: { number, ...problem.params } };
}
