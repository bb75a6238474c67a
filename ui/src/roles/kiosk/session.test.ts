import { beforeEach, expect, test, vi } from "vitest";
import type { CardSeen, FieldTile, ProcedureTile, TakeNumber, TicketShown } from "../../bindings";
import { Session } from "./session.svelte";

const asked: TakeNumber[] = [];
const left = vi.fn();
let answer: () => Promise<unknown>;

vi.mock("../../bindings", () => ({
  commands: {
    kioskTakeNumber: (ask: TakeNumber) => {
      asked.push(ask);
      return answer();
    },
    kioskTicket: () => Promise.resolve({ status: "ok", data: { ...TICKET, paper: "confirmed" } }),
    kioskLeave: () => {
      left();
      return Promise.resolve({ status: "ok", data: null });
    },
    kioskLookUp: (code: string) => Promise.resolve({ status: "error", error: { code: "DOSSIER-NOT-FOUND", params: { code } } }),
  },
}));

const FIELD: FieldTile = { id: "ho-tich", name: { vi: "Hộ tịch", en: "Civil status" }, procedures: 3 };
const PROCEDURE = { code: "1.004873" } as ProcedureTile;
const TICKET = { visit: "v", number: "A105", paper: "printing" } as TicketShown;
const card = (name: string, priority: string | null = null): CardSeen => ({ name, masked_number: "001•••••0123", birth_year: "1999", priority, warnings: [] });
const ready = () => Promise.resolve({ status: "ok", data: TICKET });

beforeEach(() => {
  asked.length = 0;
  left.mockClear();
  answer = ready;
});

function atConfirm(): Session {
  const session = new Session();
  session.begin("number");
  session.go("field");
  session.chooseField(FIELD);
  session.chooseProcedure(PROCEDURE);
  return session;
}

test("five touches without a card, three with one", () => {
  const without = new Session();
  const touches = [() => without.begin("number"), () => without.go("field"), () => without.chooseField(FIELD), () => without.chooseProcedure(PROCEDURE), () => void without.takeNumber()];
  touches.forEach((touch) => touch());
  expect([without.step, touches.length]).toEqual(["printing", 5]);

  const holder = new Session();
  holder.cardSeen(card("Nguyễn Thị Mẫu"));
  expect(holder.step).toBe("field");
  [() => holder.chooseField(FIELD), () => holder.chooseProcedure(PROCEDURE), () => void holder.takeNumber()].forEach((touch) => touch());
  expect(holder.step).toBe("printing");
});

test("a double tap is one wish, and a try after a fault is the same wish", async () => {
  const session = atConfirm();
  answer = () => Promise.resolve({ status: "error", error: { code: "STATION-FAULT", params: {} } });
  await Promise.all([session.takeNumber(), session.takeNumber()]);
  expect([session.step, session.problem?.code]).toEqual(["confirm", "STATION-FAULT"]);
  answer = ready;
  await session.takeNumber();
  expect(session.step).toBe("done");
  expect(asked).toHaveLength(2);
  expect(asked[0]?.intent).toBe(asked[1]?.intent);
});

test("another visit to the confirming screen is another wish", async () => {
  const session = atConfirm();
  answer = () => Promise.resolve({ status: "error", error: { code: "STATION-FAULT", params: {} } });
  await session.takeNumber();
  session.back();
  session.chooseProcedure({ code: "1.001193" } as ProcedureTile);
  answer = ready;
  await session.takeNumber();
  expect(asked[0]?.intent).not.toBe(asked[1]?.intent);
});

test("going back loses nothing", () => {
  const session = atConfirm();
  session.priority = "pregnant";
  for (const step of ["procedure", "field", "card", "home", "home"]) {
    session.back();
    expect(session.step).toBe(step);
  }
  expect([session.field?.id, session.procedure?.code, session.priority]).toEqual(["ho-tich", "1.004873", "pregnant"]);
});

test("leaving forgets everything before the station has even answered", () => {
  const session = atConfirm();
  session.cardSeen(card("Nguyễn Thị Mẫu", "elderly"));
  session.words = "ket hon";
  session.code = "h26";
  void session.leave();
  expect(left).toHaveBeenCalled();
  const kept = JSON.stringify([session.step, session.card, session.field, session.procedure, session.priority, session.ticket, session.found, session.words, session.code]);
  expect(kept).toBe('["home",null,null,null,null,null,null,"",""]');
});

test("an answer that comes after the person has left is nobody's", async () => {
  const session = atConfirm();
  let print = (_: unknown) => {};
  answer = () => new Promise((done) => (print = done));
  const taking = session.takeNumber();
  void session.leave();
  print({ status: "ok", data: TICKET });
  await taking;
  expect([session.step, session.ticket]).toEqual(["home", null]);
});

test("a card joins the walk where it is, and an old one does not start a new walk", () => {
  const session = atConfirm();
  session.cardSeen(card("Trần Văn Mẫu", "elderly"));
  expect([session.step, session.card?.name, session.priority]).toEqual(["confirm", "Trần Văn Mẫu", "elderly"]);
  void session.leave();
  session.cardSeen(card("Trần Văn Mẫu", "elderly"));
  expect([session.step, session.card]).toEqual(["home", null]);
});

test("another person's card starts over: nothing of the one before is left", () => {
  const session = atConfirm();
  session.cardSeen(card("Nguyễn Thị Mẫu"));
  session.cardSeen(card("Trần Văn Mẫu"));
  expect([session.step, session.card?.name, session.procedure]).toEqual(["field", "Trần Văn Mẫu", null]);
});

test("the paper is followed until its fate is known", async () => {
  const session = atConfirm();
  await session.takeNumber();
  expect(session.ticket?.paper).toBe("printing");
  await session.followPaper();
  expect(session.ticket?.paper).toBe("confirmed");
});

test("a code that is not found stays on the screen to be corrected", async () => {
  const session = new Session();
  session.begin("code");
  session.code = "h26.1";
  await session.lookUp();
  expect([session.step, session.problem?.code, session.problem?.params["code"], session.code]).toEqual(["code", "DOSSIER-NOT-FOUND", "H26.1", "h26.1"]);
});
