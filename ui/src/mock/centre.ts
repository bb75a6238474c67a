// A believable centre in one page: enough of a station for the pages to be worked on, looked at and tested.
import type {
  AmendAsk,
  About, Accepted, AcceptAsk, BoardCall, ChipView, CounterView, DeviceView, DockView, KioskView, Person, DockPrinterChange, Problem, ProcedureTile,
  Quote, Role, TakeNumber, TicketRow, TicketShown,
  EarlierRow, MoneyAsk, OutboxView, PaperOffer, PauseWhy, PausedSeen, SheetsCounted, TransferAsk, WorkAsk,
} from "../bindings";
import { authority, Dossiers } from "./dossiers";
import { Papers } from "./papers";
import { CARDS, FIELDS, folded, PROCEDURES, SITE, text, type Card } from "./data";
import { PORTRAIT, qr, receiptPicture, ticketPicture } from "./pictures";

const MINUTE_MS = 60_000;
const MARRIAGE = "1.000894";
const OFFICERS = [
  { id: "demo", name: "Cán bộ trình diễn", desk: "3" },
  { id: "lan", name: "Đỗ Thị Ngọc Lan", desk: "3" },
];
const fail = (code: string, params: Record<string, string> = {}): never => {
  // Commands answer with a plain problem, not with an Error: so does the station.
  throw Object.assign(Object.create(null), { code, params }) as Problem;
};

export class Centre {
  online = true;
  offline_since = Date.now();
  cover_open = false;
  paper: "ok" | "near_end" | "out" = "ok";
  in_doubt = false;
  stale = false;
  open = true;
  card: Card | null = null;
  card_problem: Problem | null = null;
  slow_ms = 0;
  /** What the chip reader is at; null on a counter with none. */
  earlier: EarlierRow[] = [
    {
      dossier: "01a2074b-a93f-7711-b682-990dfbfa483f", code: "H26.112.00-261104-0112", procedure: text("Xác nhận tình trạng hôn nhân", "Confirmation of marital status"),
      site: "Phường Hoàn Kiếm", at: Date.UTC(2026, 10, 4, 2, 30), status_text: text("Đã trả kết quả", "Result returned"),
      papers: [
        { name: text("Tờ khai cấp Giấy xác nhận tình trạng hôn nhân", "Form for the confirmation of marital status"), original: 1, certified: 0, copies: 0 },
        { name: text("Trích lục ghi chú ly hôn hoặc hủy việc kết hôn đã thực hiện ở nước ngoài", "Extract of the note of a divorce or annulment made abroad"), original: 0, certified: 1, copies: 1 },
      ],
    },
    { dossier: "01a20757-344c-7d46-a123-e9e0cd000001", code: "H26.7.00-260917-0031", procedure: text("Chứng thực bản sao từ bản chính", "Certified copy of an original"), site: "Xã Đại Thanh", at: Date.UTC(2026, 8, 17, 7, 5), status_text: text("Đã trả kết quả", "Result returned"), papers: [] },
  ];
  /** What these hold for a marriage. */
  offers: PaperOffer[] = [
    {
      paper: "xac-nhan-hon-nhan", from: "01a2074b-a93f-7711-b682-990dfbfa483f", code: "H26.112.00-261104-0112", procedure: text("Cấp Giấy xác nhận tình trạng hôn nhân", "Confirmation of marital status"),
      site: "Phường Hoàn Kiếm", at: Date.UTC(2026, 10, 9, 2, 30), result: true, until: text("đến hết 09/05/2027", "until 09/05/2027"), expired: false,
    },
    {
      paper: "ly-hon", from: "01a20757-344c-7d46-a123-e9e0cd000002", code: "H26.7.00-250301-0007", procedure: text("Đăng ký kết hôn", "Marriage registration"),
      site: "Xã Đại Thanh", at: Date.UTC(2025, 2, 1, 7, 5), result: false, until: text("muộn nhất đến 01/09/2025", "until 01/09/2025 at the latest"), expired: true,
    },
  ];
  #looked = false;
  chip: ChipView | null = { state: "idle", step: null, percent: 0, number_known: false, problem: null };
  role: Role;
  #px: number;
  #officer: (typeof OFFICERS)[number] | null = null;
  #rows: TicketRow[] = [];
  #cards = new Map<string, Card>();
  #intents = new Map<string, string>();
  #current: { visit: string; called_at: number; times: number; person: Person | null; accepted: Accepted[] } | null = null;
  /** Who is away from the desk for a while, and what was accepted of them before. */
  #parked = new Map<string, { since: number; accepted: Accepted[] }>();
  #paused: PausedSeen | null = null;
  /** What each visit is for, and for which procedures something was accepted. */
  #services = new Map<string, string[]>();
  #done = new Map<string, Set<string>>();
  #calls: BoardCall[] = [];
  /** Something was refused and put aside. */
  aside = true;
  #waiting_events = 0;
  #next = 101;
  #wrong_pins = 0;
  #dossiers = new Dossiers();
  #papers = new Papers();

  constructor(options: URLSearchParams) {
    this.role = (options.get("role") as Role | null) ?? "kiosk";
    this.#px = Number(options.get("px") ?? "0") || (this.role === "kiosk" ? 3.37 : 3.78);
    this.#seed();
  }

  putCard(id: string) {
    const card = CARDS.find((c) => c.id === id) ?? null;
    this.card_problem = card?.breaks ? { code: card.breaks, params: {} } : null;
    this.card = card?.breaks ? this.card : card;
  }

  goOffline(since_ms = Date.now()) {
    this.online = false;
    this.offline_since = since_ms;
    this.#waiting_events = 17;
  }

  call(number: string, desk: string) {
    this.#calls.unshift({ number, desk, at: Date.now(), times: 1 });
  }

  commands = {
    about: (): About => ({ role: this.role, site_name: SITE, station_label: { kiosk: "Kiốt 2", counter: "Quầy 3", board: "Bảng sảnh", dock: "Bàn thiết bị" }[this.role], version: "0.1.0", demo: true, px_per_mm: this.#px, now: Date.now() }),
    kiosk_view: (): KioskView => ({
      open: this.open,
      card: this.card ? { name: this.card.person.name, masked_number: this.card.person.masked_number, birth_year: this.card.person.birth.slice(0, 4), priority: this.card.elderly ? "elderly" : null, warnings: [] } : null,
      card_problem: this.card_problem, printer: this.#printer(), scanner: this.#device("card_scanner", "scanner", "Máy quét thẻ"), waiting: this.#waiting().length, problems: [],
    }),
    kiosk_fields: () => FIELDS,
    kiosk_procedures: ({ field, words }: { field: string | null; words: string | null }) => this.#find(field, words),
    kiosk_take_number: async ({ ask }: { ask: TakeNumber }): Promise<TicketShown> => {
      if (this.slow_ms) await new Promise((done) => setTimeout(done, this.slow_ms));
      const known = this.#intents.get(ask.intent);
      const row = known ? this.#row(known) : this.#issue(this.#procedure(ask.procedure), ask.priority, ask.use_card ? this.card : null);
      this.#intents.set(ask.intent, row.visit);
      return this.#shown(row);
    },
    kiosk_ticket: ({ visit }: { visit: string }) => {
      const row = this.#row(visit);
      if (row.paper === "printing") row.paper = this.#outcome();
      return this.#shown(row);
    },
    kiosk_leave: () => {
      this.card = this.card_problem = null;
      return null;
    },
    kiosk_look_up: ({ code }: { code: string }) => {
      if (!this.online) fail("NET-CENTRE-DOWN");
      if (!code.startsWith("H26")) fail("DOSSIER-NOT-FOUND", { code });
      return { code, status: 4, status_text: text("Đang xử lý", "Being worked on"), as_of: Date.now() - 2 * MINUTE_MS };
    },
    counter_officers: () => OFFICERS,
    counter_sign_in: ({ officer, pin }: { officer: string; pin: string }) => {
      if (this.#wrong_pins >= 5) fail("SIGN-IN-WAIT", { seconds: "30" });
      if (pin !== "246810") {
        this.#wrong_pins += 1;
        fail("SIGN-IN-WRONG", { left: String(5 - this.#wrong_pins) });
      }
      this.#officer = OFFICERS.find((o) => o.id === officer) ?? null;
      return null;
    },
    counter_sign_out: () => {
      this.#officer = this.#paused = null;
      return null;
    },
    counter_view: (): CounterView => this.#counterView(),
    counter_call_next: () => {
      this.#isFree();
      const row = this.#waiting()[0];
      if (!row) return fail("QUEUE-EMPTY");
      return this.#callHere(row, []);
    },
    counter_park: () => {
      const { visit, accepted } = this.#present();
      this.#parked.set(visit, { since: Date.now(), accepted });
      return this.#end("parked");
    },
    counter_take_back: ({ visit }: { visit: string }) => {
      this.#isFree();
      const parked = this.#parked.get(visit) ?? fail("STEP-NOT-LEGAL");
      this.#parked.delete(visit);
      return this.#callHere(this.#row(visit), parked.accepted);
    },
    counter_send_back: ({ visit }: { visit: string | null }) => {
      if (!visit) return this.#end("waiting");
      this.#parked.delete(visit);
      this.#row(visit).stage = "waiting";
      return null;
    },
    counter_transfer: ({ to }: { to: TransferAsk }) => {
      const row = this.#row(this.#present().visit);
      if (to.service) row.procedure = this.#procedure(to.service);
      this.#end("waiting");
      // Another desk calls whom it was sent before anybody else could.
      if (to.desk) {
        row.stage = "called";
        this.call(row.number, to.desk);
      }
      return null;
    },
    counter_add_service: ({ procedure }: { procedure: string }) => {
      const services = this.#services.get(this.#present().visit);
      if (services && !services.includes(procedure)) services.push(this.#procedure(procedure).code);
      return null;
    },
    counter_pause: ({ why }: { why: PauseWhy }) => {
      this.#isFree();
      this.#paused = { why, since: Date.now() };
      if (why === "end_of_shift") for (const visit of [...this.#parked.keys()]) this.commands.counter_send_back({ visit });
      return null;
    },
    counter_resume: () => {
      this.#paused = null;
      return null;
    },
    counter_recall: () => {
      if (this.#current) this.#current.times += 1;
      return null;
    },
    counter_no_show: () => this.#end("no_show"),
    counter_close: () => this.#end("closed"),
    counter_earlier: ({ number }: { number: string }) => {
      if (!/^\d{12}$/.test(number)) return fail("APPLICANT-INCOMPLETE", { field: "number" });
      this.#looked = true;
      return { dossiers: this.earlier, more: false, from_centre: this.online };
    },
    counter_open_person: () => {
      if (!this.#current) return null;
      this.#current.person = this.#cards.get(this.#current.visit)?.person ?? null;
      return this.#current.person;
    },
    counter_read_chip: ({ can }: { can: string | null }) => {
      if (!this.#current || !this.chip) return fail("STEP-NOT-LEGAL");
      const known = this.#cards.get(this.#current.visit) ?? CARDS[0];
      if (can && !known?.person.number.endsWith(can)) {
        this.chip = { ...this.chip, state: "failed", problem: { code: "CHIP-WRONG-KEY", params: {} } };
        return null;
      }
      this.chip = { ...this.chip, state: "read", problem: null };
      this.#current.person = known ? { ...known.person, evidence: "chip_authenticated" } : null;
      return null;
    },
    counter_chip_photo: () => this.#current?.person?.evidence === "chip_authenticated" ? PORTRAIT : null,
    counter_procedures: ({ words }: { words: string }) => this.#find(null, words),
    counter_quote: ({ procedure, pages, copies }: { procedure: string; pages: number | null; copies: number | null }) => this.#quote(procedure, pages, copies),
    counter_offers: ({ procedure }: { procedure: string }) => (this.#looked && procedure === MARRIAGE ? this.offers : []),
    counter_accept: ({ ask }: { ask: AcceptAsk }) => this.#accept(ask),
    counter_return: ({ dossier }: { dossier: string }) => {
      const done = this.#current?.accepted.find((a) => a.dossier === dossier);
      if (done) done.status = 10;
      return null;
    },
    counter_settle_paper: ({ visit, cameOut }: { visit: string; cameOut: boolean }) => {
      this.#row(visit).paper = cameOut ? "confirmed" : "not_printed";
      if (!cameOut) this.#row(visit).stage = "closed";
      return null;
    },
    counter_reprint: ({ visit }: { visit: string }) => {
      this.#row(visit).paper = this.#outcome();
      return null;
    },
    counter_admit: ({ text: words }: { text: string }) => (!words.startsWith("MC1:") ? fail("TICKET-UNREADABLE") : this.#issue(this.#procedure("1.004873"), null, null)),
    counter_register: ({ ask }: { ask: AcceptAsk }) => {
      const id = "01a2074b-a93f-7711-b682-990000000099";
      this.#dossiers.takeDown(id, "H26.112.00-261123-0099", ask.applicant.name);
      const none = text("Chưa xác định, hỏi cán bộ", "Not known, ask an officer");
      return {
        dossier: id, code: "H26.112.00-261123-0099", code_official: true, due_at: null, due_text: none, fee: none, receipt_file: null, receipt_png: null, status: 1, status_text: text("Mới đăng ký", "Registered"),
      } satisfies Accepted;
    },
    counter_dossiers: ({ words }: { words: string }) => this.#dossiers.list(words),
    counter_dossier: ({ dossier }: { dossier: string }) => this.#dossiers.one(dossier) ?? fail("STEP-NOT-LEGAL"),
    counter_work: ({ dossier, ask, note }: { dossier: string; ask: WorkAsk; note: string }) => this.#dossiers.work(dossier, ask, note),
    counter_money: ({ dossier, ask }: { dossier: string; ask: MoneyAsk; note: string }) => this.#dossiers.money(dossier, ask),
    counter_authority: ({ residence }: { procedure: string; residence: string }) => authority(residence),
    counter_amend_view: ({ dossier }: { dossier: string }) => this.#dossiers.amendView(dossier),
    counter_amend: ({ dossier, ask }: { dossier: string; ask: AmendAsk }) => this.#dossiers.amend(dossier, ask),
    counter_settle: ({ dossier, event }: { dossier: string; event: string; note: string }) => this.#dossiers.settle(dossier, event),
    counter_till: () => this.#dossiers.till(),
    counter_close_till: () => this.#dossiers.till(),
    counter_control_slip: ({ dossier }: { dossier: string }) => `receipts/${this.#dossiers.one(dossier)?.row.code ?? dossier}-kiem-soat.pdf`,
    counter_book: ({ from, until }: { from: string; until: string }) => (until < from ? fail("BOOK-DAYS-NOT-FIT", { from: from.split("-").reverse().join("/"), until: until.split("-").reverse().join("/") }) : this.#dossiers.book(from, until)),
    counter_papers: () => this.#papers.view(),
    counter_hand_over: ({ to, rows }: { to: string; rows: SheetsCounted[] }) => (rows.length ? this.#papers.handOver(to, rows) : fail("HAND-OVER-EMPTY")),
    counter_hand_over_paper: ({ number }: { number: string }) => this.#papers.paper(number),
    counter_receive_papers: ({ dossiers }: { dossiers: string[] }) => this.#papers.receive(dossiers),
    counter_outbox: ({ open }: { open: boolean; before: string | null }): OutboxView => ({
      synced_at: this.online ? Date.now() - 4000 : null, difference: null, next_try: this.online ? null : Date.now() + 5000, waiting: this.online ? 0 : this.#waiting_events,
      rows: this.online && open ? [] : [
        { what: text("Cấp số", "Number given"), about: "A107", at: Date.now() - 60_000, state: this.online ? "confirmed" : "unanswered", why: null, receipt: this.online ? { no: "48213", at: Date.now() - 4000 } : null },
        { what: text("Tiếp nhận hồ sơ", "Dossier accepted"), about: "H26.112.00-261123-0001", at: Date.now() - 90_000, state: this.online ? "confirmed" : "waiting", why: null, receipt: this.online ? { no: "48212", at: Date.now() - 9000 } : null },
      ],
      next: null, aside: this.aside ? [{ id: "1", why: text("chữ ký không khớp", "the signature does not match"), code: "SYNC-BAD-SIGNATURE", of: "Kiốt 1", at: Date.now() - 600_000, size: 4096 }] : [], can_reissue: false,
    }),
    counter_ask_again: () => {
      this.aside = false;
      return null;
    },
    counter_export_aside: () => "put-aside/1.segment",
    counter_reissue: () => null,
    board_view: () => ({
      site_name: SITE, now: this.#calls.slice(0, 1), recent: this.#calls.slice(1, 6), heard_at: Date.now() - (this.stale ? 8000 : 300), stale: this.stale,
      news: text("Trung tâm nghỉ trưa từ 11:30 đến 13:30. Tổng đài hỗ trợ: 1022.", "Closed for lunch 11:30 to 13:30. Help line: 1022."), clock: Date.now(),
    }),
    dock_view: (): DockView => this.#dockView(),
    dock_put_card: ({ card }: { card: string }) => {
      this.putCard(card);
      return null;
    },
    dock_show_ticket: () => null,
    dock_printer: ({ change }: { id: string; change: DockPrinterChange }) => {
      if (typeof change.cover_open === "boolean") this.cover_open = change.cover_open;
      if (change.roll) this.paper = ({ full: "ok", near_end: "near_end", empty: "out" } as const)[change.roll as "full"];
      return null;
    },
    dock_cable: ({ up }: { id: string; up: boolean }) => {
      if (up) this.online = true;
      else this.goOffline();
      return null;
    },
  };

  #seed() {
    const seeds: [string, string | null, string | null, number][] = [
      ["1.004873", null, "thao", 14], ["2.000815", "elderly", "mau", 9], ["1.001193", null, null, 7], ["2.001035", null, null, 6], ["1.004859", "disabled", null, 4], ["1.001612", null, null, 2],
    ];
    for (const [code, priority, card, minutes] of seeds) {
      const row = this.#issue(this.#procedure(code), priority, CARDS.find((c) => c.id === card) ?? null);
      row.issued_at = Date.now() - minutes * MINUTE_MS;
      row.paper = "confirmed";
    }
  }

  #issue(procedure: ProcedureTile, priority: string | null, card: Card | null): TicketRow {
    const number = `A${this.#next}`;
    this.#next += 1;
    const row: TicketRow = { visit: crypto.randomUUID(), number, procedure, priority, issued_at: Date.now(), waited_minutes: 0, paper: "printing", has_card: card !== null, stage: "waiting", came_by: "network", paper_problem: null, called_twice: false, sent_here: false };
    if (this.cover_open || this.paper === "out") row.paper = "not_printed";
    if (card) this.#cards.set(row.visit, card);
    this.#services.set(row.visit, [procedure.code]);
    this.#rows.push(row);
    return row;
  }

  #outcome() {
    if (this.in_doubt) return "in_doubt" as const;
    return this.cover_open || this.paper === "out" ? ("not_printed" as const) : ("confirmed" as const);
  }

  #shown(row: TicketRow): TicketShown {
    const ahead = this.#waiting().filter((r) => r.issued_at < row.issued_at).length;
    return {
      visit: row.visit, number: row.number, procedure: row.procedure, ahead, wait_minutes: ahead ? ahead * 6 : null,
      zone: text("Khu A, hàng ghế trước quầy 1 đến 6", "Zone A, seats before desks 1 to 6"), issued_at: row.issued_at, paper: row.paper,
      problem: row.paper === "not_printed" ? this.#printer().problem : row.paper === "in_doubt" ? { code: "PRINT-IN-DOUBT", params: {} } : null, qr_svg: qr(row.visit),
    };
  }

  #waiting(): TicketRow[] {
    const callable = this.#rows.filter((r) => r.stage === "waiting" && (r.paper === "confirmed" || r.paper === "sent"));
    return callable.sort((a, b) => Number(b.priority !== null) - Number(a.priority !== null) || a.issued_at - b.issued_at);
  }

  #counterView(): CounterView {
    const now = Date.now();
    for (const row of this.#rows) row.waited_minutes = Math.floor((now - row.issued_at) / MINUTE_MS);
    const current = this.#current;
    return {
      officer: this.#officer, desk: "3", now, queue: this.#waiting(),
      to_settle: this.#rows.filter((r) => r.stage === "waiting" && (r.paper === "in_doubt" || r.paper === "not_printed")),
      current: current && { row: this.#row(current.visit), called_at: current.called_at, times_called: current.times, person: current.person, accepted: current.accepted.map((a) => ({ ...a, receipt_png: null })),
        services: (this.#services.get(current.visit) ?? []).map((code) => ({ procedure: this.#procedure(code), done: this.#done.get(current.visit)?.has(code) ?? false })) },
      parked: [...this.#parked].map(([visit, { since }]) => ({ row: this.#row(visit), since })), paused: this.#paused,
      desks: [{ desk: "4", paused: false }, { desk: "5", paused: true }],
      devices: [this.#printer(), this.#device("card_scanner", "scanner-3", "Máy quét quầy 3"), this.#device("board", "board", "Bảng sảnh"), this.#device("announcer", "voice", "Loa"), this.#device("chip_reader", "chip", "Máy đọc chip quầy 3")],
      chip: this.chip && { ...this.chip, number_known: current !== null && this.#cards.has(current.visit) },
      sync: { online: this.online, since: this.offline_since, synced_at: this.online ? now - 4000 : null, waiting: this.online ? 0 : this.#waiting_events, last_receipt: { no: "48213", at: now - 4000 }, codes_left: 38, clock_ahead_ms: null,
        problem: this.online ? null : { code: "NET-CENTRE-DOWN", params: { since: "08:42", waiting: String(this.#waiting_events) } } },
      problems: [],
    };
  }

  #quote(code: string, pages: number | null, copies: number | null): Quote {
    const procedure = this.#procedure(code);
    const due_at = procedure.papers ? Date.now() + 3 * 24 * 60 * MINUTE_MS : null;
    const fee = procedure.instant && pages ? text(`${(2000 * pages * (copies ?? 1)).toLocaleString("vi")} đ`) : procedure.fee;
    return { due_at, due_text: procedure.limit, fee, reasoning: due_at ? [text("Nhận 08:42 thứ hai, tính từ giờ làm việc kế tiếp", "Received Monday 08:42, counted from the next working hour"), text("24 giờ làm việc, bỏ thứ bảy, chủ nhật và ngày lễ", "24 working hours, without weekends and holidays")] : [] };
  }

  #accept(ask: AcceptAsk): Accepted {
    const current = this.#current ?? fail("VISIT-NONE");
    const before = current.accepted.find((a) => a.dossier === ask.intent);
    if (before) return before;
    const quote = this.#quote(ask.procedure, ask.pages, ask.copies);
    const instant = this.#procedure(ask.procedure).instant;
    const code = `H26.112.00-261123-${String(current.accepted.length + 41).padStart(4, "0")}`;
    const paper = !instant || ask.slip;
    const accepted: Accepted = {
      dossier: ask.intent, code, code_official: true, due_at: quote.due_at, due_text: quote.due_text, fee: quote.fee,
      receipt_file: paper ? "receipt.pdf" : null, receipt_png: paper ? receiptPicture(code, ask.applicant.name, quote.due_text.vi) : null, status: 2, status_text: text("Được tiếp nhận", "Accepted"),
    };
    const reuse = ask.reuse ?? [];
    if (reuse.length > 0 && !ask.consent) fail("CONSENT-MISSING");
    this.reused = reuse.map((taken) => taken.paper);
    current.accepted.push(accepted);
    this.#done.set(current.visit, (this.#done.get(current.visit) ?? new Set()).add(ask.procedure));
    if (!this.online) this.#waiting_events += 1;
    return accepted;
  }

  /** What a page test reads: which papers the last acceptance took over. */
  reused: string[] = [];

  #present() {
    return this.#current ?? fail("STEP-NOT-LEGAL");
  }

  #isFree() {
    if (this.#current) fail("DESK-TAKEN", { number: this.#row(this.#current.visit).number });
    if (this.#paused) fail("DESK-PAUSED");
  }

  #callHere(row: TicketRow, accepted: Accepted[]): TicketRow {
    row.stage = "called";
    this.#current = { visit: row.visit, called_at: Date.now(), times: 1, person: null, accepted };
    this.call(row.number, "3");
    return row;
  }

  #end(stage: TicketRow["stage"]): null {
    this.#looked = false;
    this.#row(this.#present().visit).stage = stage;
    this.#current = null;
    return null;
  }

  #dockView(): DockView {
    return {
      cards: CARDS.map((c) => ({ id: c.id, label: c.label, name: c.person.name, masked_number: c.person.masked_number, defect: c.defect, has_chip: !c.breaks })),
      readers: [{ id: "counter-chip", label: text("máy đọc chip quầy 3", "desk 3's chip reader"), card: null }],
      scanners: [{ id: "kiosk", label: text("máy quét kiốt", "the kiosk's scanner"), connected: true }, { id: "counter", label: text("máy quét quầy 3", "desk 3's scanner"), connected: true }],
      printers: [{ id: "kiosk", label: text("Máy in kiốt 2", "Printer of kiosk 2"), paper_mm_left: this.paper === "out" ? 0 : 48200, cover_open: this.cover_open, near_end: this.paper === "near_end", stalled: false, junk: false, jammed: false, hot: false, line_up: true,
        pages: this.#rows.slice(0, 3).map((r, i) => ({ no: i + 1, png: ticketPicture(r.number, r.procedure.name.vi), at: r.issued_at, torn: i === 1 })) }],
      cables: [{ id: "centre", label: text("Các trạm với trung tâm", "Stations to the centre"), up: this.online }],
      spoken: [{ text: "Mời số A một không năm đến quầy số ba", at: Date.now() - MINUTE_MS }],
      receipts: [{ file: "H26.112.00-261123-0041.pdf", bytes: 26400, at: Date.now() }],
    };
  }

  #printer(): DeviceView {
    const base = this.#device("ticket_printer", "printer", "Máy in kiốt 2");
    const code = this.cover_open ? "PRINT-COVER-OPEN" : this.paper === "out" ? "PRINT-PAPER-OUT" : this.paper === "near_end" ? "PRINT-PAPER-NEAR-END" : null;
    if (!code) return base;
    return { ...base, state: code === "PRINT-PAPER-NEAR-END" ? "degraded" : "blocked", problem: { code, params: { device: "Máy in kiốt 2" } } };
  }

  #device(kind: DeviceView["kind"], id: string, label: string): DeviceView {
    return { id, kind, label: text(label), state: "ready", known: "reported", since: Date.now() - 30 * MINUTE_MS, problem: null };
  }

  #find(field: string | null, words: string | null): ProcedureTile[] {
    const wanted = folded(words ?? "").split(/\s+/).filter(Boolean);
    return PROCEDURES.filter((p) => (!field || p.field === field) && wanted.every((w) => folded(`${p.code} ${p.name.vi} ${p.name.en}`).includes(w)));
  }

  #procedure(code: string): ProcedureTile {
    return PROCEDURES.find((p) => p.code === code) ?? fail("PROCEDURE-UNKNOWN", { procedure: code });
  }

  #row(visit: string): TicketRow {
    return this.#rows.find((r) => r.visit === visit) ?? fail("TICKET-UNKNOWN");
  }
}
