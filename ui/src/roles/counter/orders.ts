// What an officer can order for a dossier, and what each order must carry before it can be sent.
import type { DossierView, WorkAsk } from "../../bindings";
import { dayKept, timeKept } from "../../lib/written";

export const ORDERS = [
  "take_over", "forward", "ask_papers", "papers_brought", "ask_duty", "duty_met", "finish", "return", "reappoint", "refuse", "stop", "withdraw",
] as const;
export type OrderName = (typeof ORDERS)[number];

/** What stands in the form of an order. */
export type Filled = {
  /** The papers asked for or brought, each with what is wrong with it. */
  papers: { id: string; fault: string }[];
  bring_by: string;
  ground: string;
  amount: string;
  number: string;
  by: "desk" | "post" | "electronic";
  due: string;
  note: string;
};

export const EMPTY: Filled = { papers: [], bring_by: "", ground: "", amount: "", number: "", by: "desk", due: "", note: "" };

const NEEDS_GROUND: OrderName[] = ["refuse", "stop", "reappoint"];

export function needsGround(order: OrderName): boolean {
  return NEEDS_GROUND.includes(order);
}

export function needsPapers(order: OrderName): boolean {
  return order === "ask_papers" || order === "papers_brought";
}

/** The first thing that is still missing; none when the order can be sent. */
export function lacks(order: OrderName, filled: Filled): "papers" | "ground" | "note" | "amount" | "due" | "bring_by" | null {
  if (needsPapers(order) && filled.papers.length === 0) return "papers";
  if (needsGround(order) && !filled.ground) return "ground";
  if (order === "ask_papers" && filled.bring_by.trim() && !dayKept(filled.bring_by)) return "bring_by";
  if (order === "reappoint" && !timeKept(filled.due)) return "due";
  if (order === "ask_duty" && !/^[1-9]\d{0,8}$/.test(filled.amount.trim())) return "amount";
  if (needsGround(order) && !filled.note.trim()) return "note";
  return null;
}

/** What the station is asked to do. */
export function workAsk(order: OrderName, filled: Filled): WorkAsk {
  switch (order) {
    case "ask_papers": return { order, papers: filled.papers, bring_by: dayKept(filled.bring_by) ?? "" };
    case "papers_brought": return { order, papers: filled.papers.map(({ id }) => ({ id, original: 1, certified: 0, copies: 0 })) };
    case "refuse": case "stop": return { order, ground: filled.ground };
    case "reappoint": return { order, due: timeKept(filled.due) ?? "", ground: filled.ground };
    case "ask_duty": return { order, amount: Number(filled.amount.trim()) };
    case "finish": return { order, number: filled.number };
    case "return": return { order, by: filled.by };
    case "forward": case "take_over": case "duty_met": case "withdraw": return { order };
  }
}

/** The papers from which an order chooses: those of the procedure; what was brought, besides, from those that were asked for. */
export function choices(view: DossierView): { id: string; text: { vi: string; en: string } }[] {
  const known = view.needed.map((paper) => paper.id);
  const others = view.papers.filter((paper) => !known.includes(paper.id)).map((paper) => ({ id: paper.id, text: paper.name }));
  return [...view.needed, ...others];
}
