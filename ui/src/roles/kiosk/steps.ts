// The kiosk's screens and the way through them. Going back is a walk along the trail: what was chosen stays chosen.

export type Step =
  | "home" | "card" | "field" | "words" | "procedure" | "details" | "confirm" | "printing" | "done" | "code" | "state";
export type Purpose = "number" | "papers" | "code";

/** The four steps that a citizen is told of; other screens are part of one of them. */
const NUMBER_STEPS: Partial<Record<Step, number>> = { card: 1, field: 2, words: 2, procedure: 3, confirm: 4, printing: 4 };
export const STEPS_IN_ALL = 4;

/** "Bước 2/4" while a number is being taken; null where there is no such walk. */
export function progress(purpose: Purpose, step: Step): number | null {
  return purpose === "number" ? (NUMBER_STEPS[step] ?? null) : null;
}

/** Whether there is a way back from here: not while paper is on its way, not from the end. */
export function canGoBack(step: Step): boolean {
  return step !== "home" && step !== "printing" && step !== "done";
}

/** Where a card that is put before the scanner leads. Null: the person stays on this screen, and the card is kept. */
export function afterCard(step: Step): Step | null {
  return step === "home" || step === "card" || step === "done" ? "field" : null;
}
