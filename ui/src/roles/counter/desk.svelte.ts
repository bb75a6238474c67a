// The officer's desk: what the station says, the dossier being written, and what each key does.
import { SvelteMap } from "svelte/reactivity";
import { tick as rendered } from "svelte";
import { commands, type Accepted, type AcceptAsk, type PauseWhy, type TransferAsk, type CounterView, type DossierView, type EarlierView, type PaperOffer, type Problem, type ProcedureTile, type TicketRow } from "../../bindings";
import { ask, type Answer } from "../../lib/ask";
import { language, say, t } from "../../lib/lang.svelte";
import { Watch } from "../../lib/watch.svelte";
import type { Key } from "../../texts";
import { acceptAsk, agree, missing, newDraft, prefill, takeOver, tick, type Draft, type Section } from "./draft";
import type { Action } from "./keys";

export class Desk {
  watch = new Watch(commands.counterView);
  draft: Draft = $state(newDraft("", null));
  section: Section = $state(1);
  problem: Problem | null = $state.raw(null);
  /** A word to the officer about what was just done. */
  said = $state("");
  busy = $state(false);
  /** Six digits that open a chip, as the officer wrote them. */
  chip_number = $state("");
  /** What the person at the desk handed in before, once it was asked. */
  earlier: EarlierView | null = $state.raw(null);
  /** Which papers of the procedure they need not bring again, once it was asked. */
  offers: PaperOffer[] = $state.raw([]);
  /** A dossier that was just taken down and is to be worked on. */
  dossier: string | null = $state(null);
  #doing: Action | null = null;
  #waiting: Action | null = null;
  /** Whether a further dossier of the same person is being written after one was accepted. */
  another = $state(false);
  /** The visit of which the officer was asked whether it may end with something left to do. */
  asked_left = $state("");
  /** What was written for those who are away for a while. */
  #away = new Map<string, Draft>();
  #visit = "";
  #prefilled = "";
  #instant = new Map<string, boolean>();
  #receipts = new SvelteMap<string, string>();
  #wish: { dossier: string; ask: AcceptAsk; tries_left: number } | null = null;

  get view(): CounterView | null {
    return this.watch.value;
  }

  get current() {
    return this.view?.current ?? null;
  }

  /** What the person at the desk wants besides what is done, where they want several things. */
  get left(): ProcedureTile[] {
    const services = this.current?.services ?? [];
    return services.length > 1 ? services.filter((service) => !service.done).map((service) => service.procedure) : [];
  }

  get lacks() {
    return missing(this.draft);
  }

  /** The dossier that was accepted last, while no other is being written. */
  get accepted(): Accepted | null {
    const last = this.another ? undefined : this.current?.accepted.at(-1);
    if (!last) return null;
    // The picture of the receipt comes once, with the acceptance: a view that is read every second does not carry it.
    return { ...last, receipt_png: last.receipt_png ?? this.#receipts.get(last.dossier) ?? null };
  }

  /** Follows the station: another person at the desk is another draft, an opened record fills, once, what is empty. */
  follow(view: CounterView) {
    const visit = view.current?.row.visit ?? "";
    if (visit !== this.#visit) {
      if (view.parked.some((parked) => parked.row.visit === this.#visit)) this.#away.set(this.#visit, $state.snapshot(this.draft) as Draft);
      this.#visit = visit;
      this.asked_left = "";
      this.chip_number = "";
      this.earlier = null;
      this.#receipts.clear();
      this.#wish = null;
      this.#begin(view.current?.row.procedure ?? null);
      this.draft = this.#away.get(visit) ?? this.draft;
      this.another = false;
    }
    for (const away of [...this.#away.keys()]) if (!view.parked.some((parked) => parked.row.visit === away)) this.#away.delete(away);
    const person = view.current?.person;
    const told = person && `${visit} ${person.evidence}`;
    if (person && told && this.#prefilled !== told) {
      this.#prefilled = told;
      this.draft.applicant = prefill(this.draft.applicant, person);
    }
    this.#fetchReceipt(view);
  }

  /** Does what a key says. The same key again is a double press and nothing; another one waits its turn, so that fast hands lose nothing. */
  async act(action: Action) {
    if (this.#doing?.do === action.do) return;
    if (this.#doing) {
      this.#waiting = action;
      return;
    }
    for (let next: Action | null = action; next; ) {
      this.#doing = next;
      try {
        await this.#do(next);
      } finally {
        this.#doing = null;
      }
      next = this.#waiting;
      this.#waiting = null;
    }
  }

  async #do(action: Action) {
    switch (action.do) {
      case "call": return this.callNext();
      case "recall": return this.#run(() => commands.counterRecall(), "counter.said.recalled");
      case "no_show": return this.current && this.#run(() => commands.counterNoShow(), "counter.said.no_show");
      case "open_person": return this.openPerson();
      case "read_chip": return this.readChip();
      case "earlier": return this.lookEarlier();
      case "close": return this.close();
      case "away": return this.away();
      case "take_back": return this.takeBack(action.place);
      case "send_back": return this.current && this.#run(() => commands.counterSendBack(null), "counter.said.sent_back");
      case "service": return this.beginService(action.place);
      case "return": return this.returnResult();
      case "accept": return this.accept();
      case "search": return focus("counter-search");
      case "next": return this.next();
      case "section": return this.open(action.section);
      case "tick": return this.tickPaper(action.paper);
      case "take_over": return this.takeOverPaper(action.paper);
      case "paid": return this.#intake(() => (this.draft.fee_paid = this.draft.procedure?.fee_known === true && !this.draft.fee_paid));
      case "slip": return this.#intake(() => (this.draft.slip = !this.draft.slip));
      case "consent": return this.offers.length > 0 ? this.agree(!this.draft.consent) : undefined;
      case "leave_field": return (document.activeElement as HTMLElement | null)?.blur();
    }
  }

  async callNext() {
    // Whoever has been served may go: the next citizen is one key away.
    if (this.current?.accepted.length) {
      if (this.#asksFirst()) return;
      await this.#run(() => commands.counterClose());
    }
    const called = await this.#run(() => commands.counterCallNext());
    if (called?.ok && called.value === null) this.problem = { code: "QUEUE-EMPTY", params: {} };
  }

  async close() {
    if (this.current && !this.#asksFirst()) await this.#run(() => commands.counterClose(), "counter.said.closed");
  }

  /** Something is left to do: the officer is asked once whether the visit may end. */
  #asksFirst(): boolean {
    const visit = this.current?.row.visit ?? "";
    if (!this.left.length || this.asked_left === visit) return false;
    this.asked_left = visit;
    return true;
  }

  /** The person at the desk steps away for a while; at a free desk the one who is away longest is called again. */
  async away() {
    if (!this.current) return this.takeBack(0);
    await this.#run(() => commands.counterPark(), "counter.said.parked");
  }

  async takeBack(place: number) {
    const parked = this.current ? undefined : this.view?.parked[place];
    if (parked) await this.#run(() => commands.counterTakeBack(parked.row.visit));
  }

  async sendBack(row: TicketRow) {
    await this.#run(() => commands.counterSendBack(row.visit), "counter.said.sent_back");
  }

  /** True when the person at the desk was sent on. */
  async transfer(to: TransferAsk): Promise<boolean> {
    const answer = await this.#run(() => commands.counterTransfer(to), "counter.said.sent_on");
    return answer?.ok ?? false;
  }

  async pause(why: PauseWhy) {
    await this.#run(() => commands.counterPause(why));
  }

  async resume() {
    await this.#run(() => commands.counterResume());
  }

  /** One more thing that the person at the desk wants in this visit. */
  async addService(procedure: ProcedureTile) {
    if (this.current) await this.#run(() => commands.counterAddService(procedure.code), "counter.said.added");
  }

  beginService(place: number) {
    const service = this.current?.services[place];
    if (service && !service.done) this.choose(service.procedure);
  }

  async openPerson() {
    if (!this.current) return;
    const opened = await this.#run(() => commands.counterOpenPerson());
    if (opened?.ok) this.said = t(opened.value ? "counter.said.opened" : "counter.said.no_card");
  }

  /** Reads the chip of the card on the reader. The number that opens it is the scanned card's, unless another was written. */
  async readChip() {
    if (!this.current || !this.view?.chip || this.view.chip.state === "reading") return;
    const number = this.chip_number.trim();
    if (!number && !this.view.chip.number_known) return focus("chip-number");
    const begun = await this.#run(() => commands.counterReadChip(number || null));
    if (begun?.ok) this.chip_number = "";
  }

  /** Asks for the earlier dossiers of who was read from a card, or else written into the form. */
  async lookEarlier() {
    if (!this.current) return;
    const visit = this.current.row.visit;
    const found = await this.#run(() => commands.counterEarlier(this.current?.person?.number ?? this.draft.applicant.number));
    // An answer that comes when the next citizen stands there is not theirs.
    if (!found?.ok || this.current?.row.visit !== visit) return;
    this.earlier = found.value;
    await this.#lookOffers();
  }

  /** Which papers of the chosen procedure the earlier dossiers hold. */
  async #lookOffers() {
    const procedure = this.draft.procedure?.code;
    this.offers = [];
    if (!procedure || !this.earlier) return;
    const found = await ask(commands.counterOffers(procedure));
    if (found.ok && this.draft.procedure?.code === procedure) this.offers = found.value;
  }

  async accept() {
    if (!this.current || this.accepted) return;
    const lacks = this.lacks[0];
    if (lacks) return this.next();
    const wish = acceptAsk(this.draft, this.current.row.visit);
    if (!wish) return;
    const instant = this.draft.procedure?.instant ?? false;
    const answer = await this.#run(() => commands.counterAccept(wish), "counter.said.accepted");
    // Said once, it is the officer's word: the same key again takes it in.
    if (answer && !answer.ok && answer.problem.code === "DOSSIER-OPEN-ALREADY") this.draft.again_for = this.draft.applicant.number.trim();
    if (!answer?.ok) return;
    this.#instant.set(answer.value.dossier, instant);
    this.#wish = { dossier: answer.value.dossier, ask: wish, tries_left: 5 };
    this.#keepReceipt(answer.value);
    this.another = false;
    this.#begin(null);
  }

  /** Writes the dossier down without accepting it: papers are lacking, or it is to be refused. True when that was done. */
  async register(): Promise<boolean> {
    const wish = this.current && acceptAsk(this.draft, this.current.row.visit);
    if (!wish) return false;
    const answer = await this.#run(() => commands.counterRegister(wish), "counter.said.registered");
    if (!answer?.ok) return false;
    this.dossier = answer.value.dossier;
    this.#begin(null);
    return true;
  }

  /** A dossier that was taken down is complete now: the intake opens with it. None, or what stands in the way. */
  async complete(view: DossierView): Promise<Problem | null> {
    const found = await ask(commands.counterProcedures(view.row.procedure_code));
    if (!found.ok) return found.problem;
    const procedure = found.value.find((tile) => tile.code === view.row.procedure_code);
    if (!procedure) return { code: "PROCEDURE-UNKNOWN", params: { procedure: view.row.procedure_code } };
    this.another = this.accepted !== null;
    this.choose(procedure);
    this.draft.draft = view.row.dossier;
    this.draft.authority = view.authority?.id ?? null;
    // What was taken over when it was taken down was agreed to then.
    this.draft.consent = view.papers.some((paper) => paper.reused);
    for (const paper of view.papers.filter((taken) => taken.reused)) this.draft.reuse[paper.id] = paper.reused!.from;
    for (const paper of view.papers.filter((taken) => !taken.reused)) this.draft.papers[paper.id] = { original: paper.original, certified: paper.certified, copies: paper.copies };
    return null;
  }

  /** The result of an instant procedure goes over the desk. */
  async returnResult() {
    const done = this.accepted;
    if (done && this.canReturn(done)) await this.#run(() => commands.counterReturn(done.dossier), "counter.said.returned");
  }

  canReturn(accepted: Accepted): boolean {
    const instant = this.#instant.get(accepted.dossier) ?? this.current?.row.procedure.instant ?? false;
    return instant && accepted.status !== 10;
  }

  /** One more dossier of the person at the desk: who they are need not be written again. */
  async oneMore() {
    this.#begin(null);
    this.another = true;
    await focus("counter-search");
  }

  choose(procedure: ProcedureTile) {
    if (!this.current) return;
    if (this.accepted) this.another = true;
    this.asked_left = "";
    // Another procedure is another wish; papers of the old one do not count for the new one.
    this.draft = { ...newDraft(crypto.randomUUID(), procedure, $state.snapshot(this.draft.applicant)), note: this.draft.note };
    void this.#lookOffers();
    void this.next();
  }

  async settle(row: TicketRow, came_out: boolean) {
    await this.#run(() => commands.counterSettlePaper(row.visit, came_out));
  }

  async reprint(row: TicketRow) {
    await this.#run(() => commands.counterReprint(row.visit), "counter.said.reprinted");
  }

  async admit(words: string): Promise<boolean> {
    const answer = await this.#run(() => commands.counterAdmit(words));
    if (answer?.ok) this.said = t("counter.said.admitted", { number: answer.value.number });
    return answer?.ok ?? false;
  }

  async signOut() {
    this.#away.clear();
    await this.#run(() => commands.counterSignOut());
  }

  /** On to the next thing that is missing; with nothing missing, to the review. */
  async next() {
    if (!this.current || this.accepted) return;
    const lacks = this.lacks[0];
    this.section = lacks?.section ?? 5;
    await focus(lacks?.field ?? "section-5");
  }

  async open(section: Section) {
    if (!this.current || this.accepted) return;
    this.section = section;
    const asks_amount = section === 4 && this.draft.procedure && !this.draft.procedure.fee_known;
    await focus(section === 1 ? "counter-search" : asks_amount ? "counter-amount" : `section-${section}`);
  }

  /** What changes the dossier that is being written, while one is. */
  #intake(change: () => void) {
    if (this.current && !this.accepted) change();
  }

  tickPaper(index: number) {
    const paper = this.draft.procedure?.papers?.[index];
    if (paper && this.current && !this.accepted) tick(this.draft, paper);
  }

  /** Takes the offered paper over, or gives it up again. Before that the citizen is asked. */
  async takeOverPaper(index: number) {
    const paper = this.draft.procedure?.papers?.[index];
    const offer = this.offers.find((known) => known.paper === paper?.id);
    if (!offer || !this.current || this.accepted || takeOver(this.draft, offer) || offer.expired) return;
    this.problem = { code: "CONSENT-MISSING", params: {} };
    await focus("reuse-consent");
  }

  agree(agreed: boolean) {
    agree(this.draft, agreed);
    this.problem = null;
  }

  /** The problem with what only this page knows: papers and fields by their names. */
  named(problem: Problem): Problem {
    const paper = this.draft.procedure?.papers?.find((p) => p.id === problem.params["paper"]);
    const field = problem.params["field"];
    const names: Record<string, string> = {};
    if (paper) names["paper"] = say(paper.name);
    if (field === "name" || field === "number") names["field"] = t(`counter.applicant.${field}`).toLocaleLowerCase(language.now);
    return { ...problem, params: { ...problem.params, ...names } };
  }

  /** A receipt that was written after the acceptance was answered: the same wish is answered again, with its picture. */
  #fetchReceipt(view: CounterView) {
    const wish = this.#wish;
    const written = view.current?.accepted.find((accepted) => accepted.dossier === wish?.dossier)?.receipt_file;
    if (!wish || !written || this.#receipts.has(wish.dossier) || wish.tries_left === 0) return;
    wish.tries_left -= 1;
    void ask(commands.counterAccept(wish.ask)).then((answer) => {
      if (answer.ok && this.#wish === wish) this.#keepReceipt(answer.value);
    });
  }

  #keepReceipt(accepted: Accepted) {
    if (accepted.receipt_png) this.#receipts.set(accepted.dossier, accepted.receipt_png);
  }

  #begin(procedure: ProcedureTile | null) {
    const person = this.current?.person;
    const draft = newDraft(crypto.randomUUID(), procedure);
    this.draft = person ? { ...draft, applicant: prefill(draft.applicant, person) } : draft;
    this.section = procedure ? 2 : 1;
    void this.#lookOffers();
  }

  async #run<T>(command: () => Promise<{ status: "ok"; data: T } | { status: "error"; error: Problem }>, done?: Key): Promise<Answer<T> | null> {
    if (this.busy) return null;
    this.busy = true;
    this.said = "";
    const answer = await ask(command());
    this.problem = answer.ok ? null : answer.problem;
    if (answer.ok && done) this.said = t(done);
    await this.watch.refresh();
    this.busy = false;
    return answer;
  }
}

async function focus(id: string) {
  await rendered();
  document.getElementById(id)?.focus();
}
