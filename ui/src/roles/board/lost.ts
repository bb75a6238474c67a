import type { BoardView, Problem } from "../../bindings";

/** Whether what stands on the board may be old: it has not heard, or the page cannot read it. Old calls are not shown as new. */
export function isLost(view: BoardView | null, problem: Problem | null): boolean {
  return problem !== null || view === null || view.stale;
}
