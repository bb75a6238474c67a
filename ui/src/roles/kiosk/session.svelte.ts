// What the kiosk knows of the person in front of it, and nothing of the one before: `leave` forgets all of it at once.
import { commands, type CardSeen, type FieldTile, type Problem, type ProcedureTile, type PublicState, type TakeNumber, type TicketShown } from "../../bindings";
import { ask } from "../../lib/ask";
import { language } from "../../lib/lang.svelte";
import { asCode } from "../../components/Keyboard/keys";
import { afterCard, canGoBack, type Purpose, type Step } from "./steps";

export type Priority = Exclude<TakeNumber["priority"], null>;

export class Session {
  step: Step = $state("home");
  purpose: Purpose = $state("number");
  card: CardSeen | null = $state.raw(null);
  field: FieldTile | null = $state.raw(null);
  procedure: ProcedureTile | null = $state.raw(null);
  words = $state("");
  code = $state("");
  priority: Priority | null = $state(null);
  ticket: TicketShown | null = $state.raw(null);
  found: PublicState | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  busy = $state(false);
  #trail: Step[] = [];
  #intent = "";
  #seen = "";
  #person = 0;

  /** Whether there is anything to lose, so that silence has to be asked about. */
  get untouched(): boolean {
    return this.step === "home" && this.card === null;
  }

  go(step: Step) {
    if (step === this.step) return;
    this.#trail.push(this.step);
    this.problem = null;
    // One screen of confirming is one wish for a ticket, however often its button is touched.
    if (step === "confirm") this.#intent = crypto.randomUUID();
    this.step = step;
  }

  back() {
    if (!canGoBack(this.step)) return;
    this.problem = null;
    this.step = this.#trail.pop() ?? "home";
  }

  begin(purpose: Purpose) {
    this.purpose = purpose;
    if (purpose === "number") this.go(this.card ? "field" : "card");
    if (purpose === "papers") this.go("field");
    if (purpose === "code") this.go("code");
  }

  chooseField(field: FieldTile) {
    this.field = field;
    this.words = "";
    this.go("procedure");
  }

  search() {
    this.field = null;
    this.go("procedure");
  }

  chooseProcedure(procedure: ProcedureTile) {
    this.procedure = procedure;
    this.go(this.purpose === "papers" ? "details" : "confirm");
  }

  /** From "what papers do I need" on to a number for that procedure. */
  takeNumberForIt() {
    this.purpose = "number";
    this.go("confirm");
  }

  /** What the station sees before the scanner. Only a card that was not there before is news. */
  cardSeen(card: CardSeen | null) {
    const seen = card ? `${card.name}|${card.masked_number}` : "";
    if (seen === this.#seen || this.step === "printing") return;
    this.#seen = seen;
    if (!card) return;
    // Another person's card: the one before has gone without a word.
    if (this.card || this.step === "done") this.#forget();
    this.card = card;
    if (card.priority) this.priority ??= card.priority;
    const next = this.purpose === "number" ? afterCard(this.step) : null;
    if (next) this.go(next);
  }

  async takeNumber() {
    if (!this.procedure || this.busy) return;
    const person = this.#person;
    const wish: TakeNumber = {
      intent: this.#intent, procedure: this.procedure.code, use_card: this.card !== null,
      priority: this.priority, language: language.now,
    };
    this.busy = true;
    this.problem = null;
    this.step = "printing";
    const answer = await ask(commands.kioskTakeNumber(wish));
    if (person !== this.#person) return;
    this.busy = false;
    if (answer.ok) this.ticket = answer.value;
    else this.problem = answer.problem;
    this.step = answer.ok ? "done" : "confirm";
  }

  /** Asks what became of the paper, while that is not known. */
  async followPaper() {
    if (this.ticket?.paper !== "printing") return;
    const person = this.#person;
    const answer = await ask(commands.kioskTicket(this.ticket.visit));
    if (person === this.#person && answer.ok) this.ticket = answer.value;
  }

  async lookUp() {
    const code = asCode(this.code);
    if (!code || this.busy) return;
    const person = this.#person;
    this.busy = true;
    this.problem = null;
    const answer = await ask(commands.kioskLookUp(code));
    if (person !== this.#person) return;
    this.busy = false;
    if (!answer.ok) this.problem = answer.problem;
    else {
      this.found = answer.value;
      this.go("state");
    }
  }

  /** The person has gone: the page forgets first, then the station is told, and told again until it has heard. */
  async leave() {
    this.#forget();
    language.set("vi");
    for (let tries = 0; tries < 3; tries += 1) {
      if ((await ask(commands.kioskLeave())).ok) return;
    }
  }

  #forget() {
    this.#person += 1;
    this.#trail = [];
    this.#intent = "";
    this.step = "home";
    this.purpose = "number";
    this.card = this.field = this.procedure = this.ticket = this.found = this.problem = null;
    this.priority = null;
    this.words = this.code = "";
    this.busy = false;
  }
}
