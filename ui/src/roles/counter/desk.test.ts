import { beforeEach, expect, test, vi } from "vitest";
import type { Accepted, AcceptAsk, CounterView, ProcedureTile, TicketRow } from "../../bindings";
import { Desk } from "./desk.svelte";

const asked: AcceptAsk[] = [];
const answers: unknown[] = [];
let closed = 0;

vi.mock("@tauri-apps/api/event", () => ({ listen: () => Promise.resolve(() => {}) }));
vi.mock("../../bindings", () => ({
  commands: {
    counterView: () => new Promise(() => {}),
    counterClose: () => {
      closed += 1;
      return Promise.resolve({ status: "ok", data: null });
    },
    counterAccept: (ask: AcceptAsk) => {
      asked.push(ask);
      return Promise.resolve(answers.shift());
    },
  },
}));

const both = { vi: "", en: "" };
const PROCEDURE: ProcedureTile = { code: "1.004873", name: both, field: "", instant: false, limit: both, fee: both, fee_by_page: false, fee_known: true, authority: both, papers: [], source: null };
const dossier = (more: Partial<Accepted>): Accepted => ({ dossier: "d", code: "H26", code_official: true, due_at: null, due_text: both, fee: both, receipt_file: null, receipt_png: null, status: 2, status_text: both, ...more });
const view = (visit: string, accepted: Accepted[] = []) =>
  ({ queue: [], to_settle: [], parked: [], paused: null, desks: [], current: { row: { visit, number: "A105", procedure: PROCEDURE } as TicketRow, called_at: 0, times_called: 1, person: null, accepted, services: [] } }) as unknown as CounterView;

beforeEach(() => {
  asked.length = 0;
  answers.length = 0;
});

function ready(): Desk {
  const desk = new Desk();
  show(desk, view("v"));
  desk.draft.applicant.name = "Nguyễn Thị Mẫu";
  desk.draft.applicant.number = "001199000123";
  // The view is set by hand here: reading it again would wait for ever.
  vi.spyOn(desk.watch, "refresh").mockResolvedValue();
  return desk;
}

function show(desk: Desk, shown: CounterView) {
  desk.watch.value = shown;
  desk.follow(shown);
}

test("nothing is accepted while something is missing: the desk goes there instead", async () => {
  const desk = ready();
  desk.draft.applicant.name = "";
  await desk.accept();
  expect([asked.length, desk.section]).toEqual([0, 2]);
});

test("a try after a fault is the same wish", async () => {
  const desk = ready();
  answers.push({ status: "error", error: { code: "DISK-FULL", params: {} } }, { status: "ok", data: dossier({}) });
  await desk.accept();
  expect(desk.problem?.code).toBe("DISK-FULL");
  await desk.accept();
  expect(asked[0]?.intent).toBe(asked[1]?.intent);
});

test("the picture of the receipt is kept from the answer, for views do not carry it", async () => {
  const desk = ready();
  answers.push({ status: "ok", data: dossier({ receipt_file: "r.pdf", receipt_png: "data:image/png;base64,AA" }) });
  await desk.accept();
  show(desk, view("v", [dossier({ receipt_file: "r.pdf" })]));
  expect(desk.accepted?.receipt_png).toBe("data:image/png;base64,AA");
});

test("a receipt that was written later is asked for with the same wish, and not for ever", async () => {
  const desk = ready();
  answers.push({ status: "ok", data: dossier({}) });
  await desk.accept();
  for (let polls = 0; polls < 9; polls += 1) {
    answers.push({ status: "ok", data: dossier({ receipt_file: "r.pdf" }) });
    show(desk, view("v", [dossier({ receipt_file: "r.pdf" })]));
    await Promise.resolve();
  }
  expect(asked.length).toBe(6);
  expect(new Set(asked.map((ask) => ask.intent)).size).toBe(1);
});

test("the next person's desk holds nothing of the one before", async () => {
  const desk = ready();
  answers.push({ status: "ok", data: dossier({ receipt_file: "r.pdf", receipt_png: "data:image/png;base64,AA" }) });
  await desk.accept();
  show(desk, view("w", [dossier({ receipt_file: "r.pdf" })]));
  expect([desk.draft.applicant.name, desk.accepted?.receipt_png]).toEqual(["", null]);
});

test("what was written for somebody who steps away is there when they are back, and gone when they do not come back", async () => {
  const desk = ready();
  const away = { ...view("w"), parked: [{ row: { visit: "v" } as TicketRow, since: 0 }] };
  show(desk, away);
  expect(desk.draft.applicant.name).toBe("");
  show(desk, view("v"));
  expect(desk.draft.applicant.name).toBe("Nguyễn Thị Mẫu");
  show(desk, away);
  show(desk, view("w"));
  show(desk, view("v"));
  expect(desk.draft.applicant.name).toBe("");
});

test("a visit that would end with something left is asked about once", async () => {
  const desk = ready();
  const services = [{ procedure: PROCEDURE, done: true }, { procedure: { ...PROCEDURE, code: "2.000815" }, done: false }];
  const shown = view("v", [dossier({})]);
  show(desk, { ...shown, current: shown.current && { ...shown.current, services } });
  await desk.close();
  expect([desk.asked_left, closed]).toEqual(["v", 0]);
  await desk.close();
  expect(closed).toBe(1);
});
