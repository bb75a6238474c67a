// A dossier while the officer fills it in, and what it still lacks.
import type { AcceptAsk, Applicant, PaperNeeded, PaperOffer, Person, ProcedureTile } from "../../bindings";
import { birthKept, birthShown } from "../../lib/birth";
import type { Key } from "../../texts";

export type Section = 1 | 2 | 3 | 4 | 5;
export const SECTIONS: Section[] = [1, 2, 3, 4, 5];

export type Draft = {
  /** One wish to accept, however often it is sent. */
  intent: string;
  /** The dossier that was taken down before and is now complete. */
  draft: string | null;
  procedure: ProcedureTile | null;
  /** The authority that decides, by its id; null until it was found or told. */
  authority: string | null;
  /** The number of whom the officer saw that they have the same procedure open: for them this is another. */
  again_for: string;
  applicant: Applicant;
  /** How many of each paper lie on the desk; a paper that is not here was not ticked. */
  papers: Record<string, { original: number; certified: number; copies: number }>;
  /** Which papers are taken over, each with the dossier that it comes from. Nothing stands here without consent. */
  reuse: Record<string, string>;
  /** Whether the citizen was asked and agreed that what they gave before is used again. */
  consent: boolean;
  sets: number;
  pages: string;
  copies: string;
  /** What is taken in cash where no source gives the fee. */
  amount: string;
  fee_paid: boolean;
  slip: boolean;
  note: string;
};

export type Missing = { section: Section; field: string; what: Key };

const NOBODY: Applicant = { name: "", number: "", birth: "", sex: "", residence: "", phone: "", email: "" };

export function newDraft(intent: string, procedure: ProcedureTile | null, applicant: Applicant = NOBODY): Draft {
  return { intent, draft: null, procedure, authority: null, again_for: "", applicant: { ...applicant }, papers: {}, reuse: {}, consent: false, sets: 1, pages: "", copies: "", amount: "", fee_paid: false, slip: false, note: "" };
}

/** What the opened record says, wherever the officer has not written something already. */
export function prefill(applicant: Applicant, person: Person): Applicant {
  const taken = { name: person.name, number: person.number, birth: birthShown(person.birth), sex: person.sex, residence: person.residence };
  const filled = Object.entries(taken).map(([field, value]) => [field, applicant[field as keyof Applicant] || value]);
  return { ...applicant, ...Object.fromEntries(filled) };
}

/** Everything that is still missing, in the order in which it is asked. */
export function missing(draft: Draft): Missing[] {
  const lacks: Missing[] = [];
  if (!draft.procedure) lacks.push({ section: 1, field: "counter-search", what: "counter.missing.procedure" });
  if (!draft.applicant.name.trim()) lacks.push({ section: 2, field: "applicant-name", what: "counter.missing.name" });
  if (!isNumber(draft.applicant.number)) lacks.push({ section: 2, field: "applicant-number", what: "counter.missing.number" });
  for (const paper of draft.procedure?.papers ?? []) {
    if (paper.required && !draft.papers[paper.id] && !draft.reuse[paper.id]) lacks.push({ section: 3, field: `paper-${paper.id}`, what: "counter.missing.paper" });
  }
  if (draft.amount.trim() && amountTaken(draft) === null && !draft.procedure?.fee_known) lacks.push({ section: 4, field: "counter-amount", what: "counter.missing.amount" });
  if (draft.procedure?.fee_by_page && !count(draft.pages)) lacks.push({ section: 4, field: "counter-pages", what: "counter.missing.pages" });
  return lacks;
}

/** A paper put on the desk, or taken away again. */
export function tick(draft: Draft, paper: PaperNeeded) {
  // What is handed in need not be taken over.
  delete draft.reuse[paper.id];
  if (draft.papers[paper.id]) delete draft.papers[paper.id];
  else draft.papers[paper.id] = { original: paper.original, certified: paper.certified, copies: paper.copies };
}

/** A paper taken over from an earlier dossier, or given up again; false where the citizen was not asked yet or it is expired. */
export function takeOver(draft: Draft, offer: PaperOffer): boolean {
  if (draft.reuse[offer.paper]) {
    delete draft.reuse[offer.paper];
    return true;
  }
  if (!draft.consent || offer.expired) return false;
  delete draft.papers[offer.paper];
  draft.reuse[offer.paper] = offer.from;
  return true;
}

/** The citizen agrees, or takes it back: then nothing is taken over. */
export function agree(draft: Draft, agreed: boolean) {
  draft.consent = agreed;
  if (!agreed) draft.reuse = {};
}

/** What the station is asked to accept. */
export function acceptAsk(draft: Draft, visit: string): AcceptAsk | null {
  if (!draft.procedure) return null;
  const trimmed = Object.fromEntries(Object.entries(draft.applicant).map(([field, value]) => [field, value.trim()])) as Applicant;
  trimmed.birth = birthKept(trimmed.birth);
  return {
    intent: draft.intent, visit, draft: draft.draft, procedure: draft.procedure.code, authority: draft.authority, again: draft.again_for !== "" && draft.again_for === trimmed.number, applicant: trimmed,
    papers: Object.entries(draft.papers).map(([id, amount]) => ({ id, ...amount })),
    reuse: Object.entries(draft.reuse).map(([paper, from]) => ({ paper, from })), consent: draft.consent,
    sets: draft.sets, pages: count(draft.pages), copies: draft.procedure.fee_by_page ? (count(draft.copies) ?? 1) : null,
    amount: amountTaken(draft), fee_paid: draft.fee_paid || amountTaken(draft) !== null, slip: draft.slip, note: draft.note.trim(),
  };
}

/** What the officer takes, in đồng: written only where no source gives the fee. */
export function amountTaken(draft: Draft): number | null {
  const words = draft.amount.replaceAll(/[. ]/g, "");
  return !draft.procedure?.fee_known && /^[1-9]\d{2,8}$/.test(words) ? Number(words) : null;
}

/** A whole number above nought, or nothing. */
export function count(words: string): number | null {
  const n = Number(words.trim());
  return Number.isInteger(n) && n > 0 && n <= 9999 ? n : null;
}

/** Twelve digits, as on every identity card. */
export function isNumber(words: string): boolean {
  return /^\d{12}$/.test(words.trim());
}
