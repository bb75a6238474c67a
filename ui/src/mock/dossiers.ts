// Dossiers after they were taken down, as a page may meet them: in time, overdue, lacking papers, in conflict.
import type { AmendAsk, AmendView, AuthorityView, BookView, Choice, DossierList, DossierView, MoneyAsk, PaymentRow, Problem, StepRow, Text, TillView, WorkAsk } from "../bindings";
import { folded, text } from "./data";

const STATUS: Record<number, Text> = {
  1: text("Mới đăng ký", "Registered"), 2: text("Được tiếp nhận", "Accepted"), 3: text("Không được tiếp nhận", "Not accepted"), 4: text("Đang xử lý", "Processing"),
  5: text("Yêu cầu bổ sung giấy tờ", "Papers asked for"), 6: text("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment asked for"), 7: text("Công dân yêu cầu rút hồ sơ", "Withdrawn"),
  8: text("Dừng xử lý", "Stopped"), 9: text("Đã xử lý xong", "Finished"), 10: text("Đã trả kết quả", "Returned"),
};
const LEGAL: Record<number, string[]> = {
  1: ["ask_papers", "refuse", "withdraw"], 2: ["forward", "take_over", "ask_papers", "ask_duty", "withdraw", "stop", "reappoint", "finish"],
  4: ["ask_papers", "ask_duty", "withdraw", "stop", "reappoint", "finish"], 5: ["papers_brought", "refuse", "withdraw", "stop"], 6: ["duty_met", "withdraw", "stop"], 9: ["return"],
};
const LEADS: Record<WorkAsk["order"], number> = {
  ask_papers: 5, papers_brought: 2, refuse: 3, forward: 2, take_over: 4, ask_duty: 6, duty_met: 2, withdraw: 7, stop: 8, finish: 9, return: 10, reappoint: 2,
};
const NEEDED: Choice[] = [
  { id: "to-khai", text: text("Tờ khai cấp Giấy xác nhận tình trạng hôn nhân", "Form for the confirmation of marital status") },
  { id: "ly-hon", text: text("Bản án hoặc quyết định ly hôn đã có hiệu lực pháp luật", "Judgment or decision on a divorce that is in force") },
];
const FAULTS: Choice[] = [{ id: "missing", text: text("Còn thiếu", "Missing") }, { id: "illegible", text: text("Không đọc được", "Cannot be read") }];
const GROUNDS: Choice[] = [
  { id: "not_competent", text: text("Không thuộc thẩm quyền", "Another authority is competent") },
  { id: "awaits_others", text: text("Chờ cơ quan khác xác minh, trả lời", "Another office must verify or answer") },
];
const QR = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 21 21"><path d="M0 0h7v7H0zM14 0h7v7h-7zM0 14h7v7H0zM9 9h3v3H9z"/></svg>';
const ACCEPTED = text("Tiếp nhận", "Accepted");
const MARRIAGE = text("Cấp Giấy xác nhận tình trạng hôn nhân", "Confirmation of marital status");

function step(at: number, what: Text, note = ""): StepRow {
  return { at, what, officer: "Đỗ Thị Ngọc Lan", note, file: null };
}

function view(no: number, person: string, status: number, changes: Partial<DossierView> = {}): DossierView {
  const received_at = Date.UTC(2026, 10, 23, 2, 10 + no);
  const due_at = Date.UTC(2026, 10, 26, 2, 10 + no);
  const overdue = no === 2;
  return {
    row: {
      dossier: `01a2074b-a93f-7711-b682-99000000000${no}`, code: `H26.112.00-261123-000${no}`, procedure: MARRIAGE, procedure_code: "1.004873", person, status,
      status_text: STATUS[status]!, due_at: status === 1 ? null : due_at, timeliness: status === 1 ? null : overdue ? "overdue" : "running", touched: no === 1 ? text("09 giờ 11 phút, ngày 27/11/2026", "09:11, 27/11/2026") : null, in_conflict: changes.conflicts !== undefined,
    },
    number: "001•••••0123", phone: "0912 345 678", received_at, due_text: text("09 giờ 12 phút, ngày 26/11/2026", "09:12, 26/11/2026"),
    timeliness_text: status === 1 ? null : overdue ? text("Quá hạn", "Overdue") : text("Trong hạn", "In time"), authority: AUTHORITIES[no % 2]!, authority_heard: true, abroad: null, carriages: no === 2 ? [{ number: "BG-Q3-7F3QXM-0001", to: AUTHORITIES[2]!.text, at: received_at, received: null }] : [], sets: 1, amendable: status !== 10, fee: text("15.000đ", "15.000đ"),
    papers: [{ id: "to-khai", name: NEEDED[0]!.text, original: 1, certified: 0, copies: 0, digitised: 1, digitised_text: text("đã số hóa", "digitised"), reused: null }], needed: NEEDED, payments: [], owed: 15_000, history: status === 1 ? [] : [step(received_at, ACCEPTED)], conflicts: [], accepted: status !== 1,
    legal: LEGAL[status] ?? [], faults: FAULTS, grounds: GROUNDS, receipt_file: null, ...changes,
  };
}

const AUTHORITIES: Choice[] = [
  { id: "commune:00004", text: text("UBND phường Ba Đình", "People’s Committee, phường Ba Đình") },
  { id: "commune:00070", text: text("UBND phường Hoàn Kiếm", "People’s Committee, phường Hoàn Kiếm") },
  { id: "commune:00226", text: text("UBND phường Văn Miếu - Quốc Tử Giám", "People’s Committee, phường Văn Miếu - Quốc Tử Giám") },
];

/** Who decides, as the station finds it: sure where the address says the kind of the place. */
export function authority(residence: string): AuthorityView {
  const found = AUTHORITIES.find((known) => folded(residence).includes(folded(known.text.vi.replace(/^UBND (phường|xã) /, ""))));
  return { found: found?.id ?? null, sure: /phường|xã/i.test(residence) && found !== undefined, choices: AUTHORITIES };
}

export class Dossiers {
  #views = [
    view(1, "Công Tằng Tôn Nữ Nguyễn Phúc Hoàng Thị Thuỳ Dương", 2),
    view(2, "Trần Văn Hùng", 4),
    view(3, "Lê Thị Mai", 1),
    view(4, "Phạm Quốc Bảo", 4, {
      conflicts: [{ event: "01a2074b-0000-7711-b682-990000000001", at: Date.UTC(2026, 10, 24, 3, 0), what: text("Dừng xử lý: Không đủ điều kiện theo quy định", "Stopped: The law's conditions are not met"), officer: "Nguyễn Văn Thành", note: "Thiếu xác nhận nơi cư trú trước đây." }],
    }),
  ];

  /** As after a start: the first list comes before every name is read. */
  #stillReading = 12;

  list(words: string): DossierList {
    const asked = folded(words.trim());
    const fits = (row: DossierView) => !asked || folded(`${row.row.person} ${row.row.code}`).includes(asked);
    const rows = this.#views.filter(fits).map((found) => found.row);
    const still_reading = this.#stillReading;
    this.#stillReading = 0;
    return { rows, found: rows.length, still_reading };
  }

  /** A dossier that was just taken down. */
  takeDown(dossier: string, code: string, person: string) {
    const fresh = view(this.#views.length + 1, person, 1);
    this.#views.push({ ...fresh, row: { ...fresh.row, dossier, code } });
  }

  one(dossier: string): DossierView | null {
    return this.#views.find((found) => found.row.dossier === dossier) ?? null;
  }

  money(dossier: string, ask: MoneyAsk): DossierView {
    const found = this.one(dossier) ?? this.#views[0]!;
    const same = (payment: PaymentRow) => ask.money !== "take" && payment.series === ask.series && payment.number === ask.number;
    const payments = ask.money === "take"
      ? [...found.payments, { series: "Q3-7F3QXM", number: found.payments.length + 1, amount: text(`${ask.amount.toLocaleString("vi-VN")}đ`, `${ask.amount.toLocaleString("vi-VN")}đ`), by: ask.by, stands: ask.by === "cash" ? "paid" : "announced", at: Date.UTC(2026, 10, 23, 3, 0), file: null, qr: ask.by === "cash" ? null : QR }]
      : found.payments.map((payment) => (same(payment) ? { ...payment, stands: ask.money === "confirm" ? "paid" : "refunded", qr: null } : payment));
    const done = { ...found, payments, owed: null };
    this.#views = this.#views.map((known) => (known === found ? done : known));
    return done;
  }

  amendView(dossier: string): AmendView {
    const found = this.one(dossier) ?? this.#views[0]!;
    const applicant = { name: found.row.person, number: "001199000123", birth: "1999-02-15", sex: "Nữ", residence: "Số 1 phố Mẫu, phường Hoàn Kiếm, Hà Nội", phone: found.phone, email: "" };
    const papers = found.papers.map(({ id, original, certified, copies }) => ({ id, original, certified, copies }));
    return { applicant, papers, sets: found.sets, authority: authority(applicant.residence) };
  }

  amend(dossier: string, ask: AmendAsk): DossierView {
    const found = this.one(dossier) ?? this.#views[0]!;
    const told = AUTHORITIES.find((known) => known.id === ask.authority) ?? found.authority;
    const row = step(Date.UTC(2026, 10, 23, 4, 0), text("Đính chính: người nộp", "Put right: applicant"), ask.reason);
    const done = { ...found, sets: ask.sets, authority: told, row: { ...found.row, person: ask.applicant.name }, history: [...found.history, { ...row, file: "papers/H26.112.00-261123-0001-1.pdf" }] };
    this.#views = this.#views.map((known) => (known === found ? done : known));
    return done;
  }

  settle(dossier: string, event: string): DossierView {
    const found = this.one(dossier) ?? this.#views[0]!;
    const conflicts = found.conflicts.filter((known) => known.event !== event);
    const done = { ...found, conflicts, row: { ...found.row, in_conflict: conflicts.length > 0 } };
    this.#views = this.#views.map((known) => (known === found ? done : known));
    return done;
  }

  book(from: string, until: string): BookView {
    const name = [from, until].map((day) => day.replaceAll("-", "")).join("-");
    return { file: `books/so-theo-doi-${name}.pdf`, rows: this.#views.length, pages: 1 };
  }

  till(): TillView {
    return { receipts: 12, expected: 310_000, in_till: text("310.000đ", "310.000đ"), transfers: text("45.000đ", "45.000đ"), announced: text("15.000đ", "15.000đ"), reused: 3, papers: 24 };
  }

  work(dossier: string, ask: WorkAsk, note: string): DossierView {
    const found = this.one(dossier);
    if (!found?.legal.includes(ask.order)) throw Object.assign(Object.create(null), { code: "STEP-NOT-LEGAL", params: {} }) as Problem;
    const status = LEADS[ask.order];
    const row = { ...found.row, status, status_text: STATUS[status]! };
    const done = { ...found, row, legal: LEGAL[status] ?? [], history: [...found.history, step(Date.now(), STATUS[status]!, note)] };
    this.#views = this.#views.map((known) => (known === found ? done : known));
    return done;
  }
}
