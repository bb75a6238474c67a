// The commands of the station and the shapes that they speak in. Written by the shell from its Rust types.
import { invoke as TAURI_INVOKE } from "@tauri-apps/api/core";

export const commands = {
  about: () => typedError<About, Problem>(TAURI_INVOKE("about")),
  kioskView: () => typedError<KioskView, Problem>(TAURI_INVOKE("kiosk_view")),
  kioskFields: () => typedError<FieldTile[], Problem>(TAURI_INVOKE("kiosk_fields")),
  kioskProcedures: (field: string | null, words: string | null) => typedError<ProcedureTile[], Problem>(TAURI_INVOKE("kiosk_procedures", { field, words })),
  kioskTakeNumber: (ask: TakeNumber) => typedError<TicketShown, Problem>(TAURI_INVOKE("kiosk_take_number", { ask })),
  kioskTicket: (visit: string) => typedError<TicketShown, Problem>(TAURI_INVOKE("kiosk_ticket", { visit })),
  kioskLeave: () => typedError<null, Problem>(TAURI_INVOKE("kiosk_leave")),
  kioskLookUp: (code: string) => typedError<PublicState, Problem>(TAURI_INVOKE("kiosk_look_up", { code })),
  counterOfficers: () => typedError<OfficerTile[], Problem>(TAURI_INVOKE("counter_officers")),
  counterSignIn: (officer: string, pin: string) => typedError<null, Problem>(TAURI_INVOKE("counter_sign_in", { officer, pin })),
  counterSignOut: () => typedError<null, Problem>(TAURI_INVOKE("counter_sign_out")),
  counterView: () => typedError<CounterView, Problem>(TAURI_INVOKE("counter_view")),
  counterCallNext: () => typedError<TicketRow | null, Problem>(TAURI_INVOKE("counter_call_next")),
  counterRecall: () => typedError<null, Problem>(TAURI_INVOKE("counter_recall")),
  counterNoShow: () => typedError<null, Problem>(TAURI_INVOKE("counter_no_show")),
  counterClose: () => typedError<null, Problem>(TAURI_INVOKE("counter_close")),
  counterOpenPerson: () => typedError<Person | null, Problem>(TAURI_INVOKE("counter_open_person")),
  counterProcedures: (words: string) => typedError<ProcedureTile[], Problem>(TAURI_INVOKE("counter_procedures", { words })),
  counterQuote: (procedure: string, pages: number | null, copies: number | null) => typedError<Quote, Problem>(TAURI_INVOKE("counter_quote", { procedure, pages, copies })),
  counterAccept: (ask: AcceptAsk) => typedError<Accepted, Problem>(TAURI_INVOKE("counter_accept", { ask })),
  counterReturn: (dossier: string) => typedError<null, Problem>(TAURI_INVOKE("counter_return", { dossier })),
  counterSettlePaper: (visit: string, cameOut: boolean) => typedError<null, Problem>(TAURI_INVOKE("counter_settle_paper", { visit, cameOut })),
  counterReprint: (visit: string) => typedError<null, Problem>(TAURI_INVOKE("counter_reprint", { visit })),
  counterAdmit: (text: string) => typedError<TicketRow, Problem>(TAURI_INVOKE("counter_admit", { text })),
  boardView: () => typedError<BoardView, Problem>(TAURI_INVOKE("board_view")),
  dockView: () => typedError<DockView, Problem>(TAURI_INVOKE("dock_view")),
  dockPutCard: (scanner: string, card: string) => typedError<null, Problem>(TAURI_INVOKE("dock_put_card", { scanner, card })),
  dockShowTicket: (scanner: string, page: number) => typedError<null, Problem>(TAURI_INVOKE("dock_show_ticket", { scanner, page })),
  dockPrinter: (id: string, change: DockPrinterChange) => typedError<null, Problem>(TAURI_INVOKE("dock_printer", { id, change })),
  dockCable: (id: string, up: boolean) => typedError<null, Problem>(TAURI_INVOKE("dock_cable", { id, up })),
};

export type Text = {
  vi: string;
  en: string;
};
export type Problem = {
  code: string;
  params: Record<string,string>;
};
export type Role = "kiosk" | "counter" | "board" | "dock";
export type About = {
  role: Role;
  site_name: Text;
  station_label: string;
  version: string;
  demo: boolean;
  px_per_mm: number;
  now: number;
};
export type FieldTile = {
  id: string;
  name: Text;
  procedures: number;
};
export type ProcedureTile = {
  code: string;
  name: Text;
  field: string;
  instant: boolean;
  limit: Text;
  fee: Text;
  fee_by_page: boolean;
  authority: Text;
  papers: PaperNeeded[] | null;
  source: string | null;
};
export type PaperNeeded = {
  id: string;
  name: Text;
  original: number;
  certified: number;
  copies: number;
  shown_only: boolean;
  required: boolean;
};
export type CardSeen = {
  name: string;
  masked_number: string;
  birth_year: string;
  priority: string | null;
  warnings: string[];
};
export type KioskView = {
  open: boolean;
  card: CardSeen | null;
  card_problem: Problem | null;
  printer: DeviceView;
  scanner: DeviceView;
  waiting: number;
  problems: Problem[];
};
export type TakeNumber = {
  intent: string;
  procedure: string;
  use_card: boolean;
  priority: string | null;
  language: string;
};
export type PaperState = "printing" | "confirmed" | "sent" | "not_printed" | "in_doubt";
export type TicketShown = {
  visit: string;
  number: string;
  procedure: ProcedureTile;
  ahead: number;
  wait_minutes: number | null;
  zone: Text;
  issued_at: number;
  paper: PaperState;
  problem: Problem | null;
  qr_svg: string;
};
export type PublicState = {
  code: string;
  status: number;
  status_text: Text;
  as_of: number;
};
export type DeviceView = {
  id: string;
  kind: "ticket_printer" | "card_scanner" | "board" | "announcer";
  label: Text;
  state: string;
  known: string;
  since: number;
  problem: Problem | null;
};
export type SyncView = {
  online: boolean;
  since: number;
  waiting: number;
  last_receipt: { no: string; at: number } | null;
  problem: Problem | null;
  codes_left: number;
  clock_ahead_ms: number | null;
};
export type OfficerTile = {
  id: string;
  name: string;
  desk: string;
};
export type TicketRow = {
  visit: string;
  number: string;
  procedure: ProcedureTile;
  priority: string | null;
  issued_at: number;
  waited_minutes: number;
  paper: PaperState;
  paper_problem: Problem | null;
  has_card: boolean;
  stage: "waiting" | "called" | "no_show" | "closed";
  came_by: "network" | "paper";
  called_twice: boolean;
};
export type Person = {
  name: string;
  number: string;
  masked_number: string;
  birth: string;
  sex: string;
  residence: string;
  old_number: string | null;
  evidence: string;
  warnings: string[];
};
export type Applicant = {
  name: string;
  number: string;
  birth: string;
  sex: string;
  residence: string;
  phone: string;
  email: string;
};
export type PaperTick = {
  id: string;
  original: number;
  certified: number;
  copies: number;
};
export type AcceptAsk = {
  intent: string;
  visit: string;
  procedure: string;
  applicant: Applicant;
  papers: PaperTick[];
  sets: number;
  pages: number | null;
  copies: number | null;
  fee_paid: boolean;
  slip: boolean;
  note: string;
};
export type Accepted = {
  dossier: string;
  code: string;
  code_official: boolean;
  due_at: number | null;
  due_text: Text;
  fee: Text;
  receipt_file: string | null;
  receipt_png: string | null;
  status: number;
  status_text: Text;
};
export type Current = {
  row: TicketRow;
  called_at: number;
  times_called: number;
  person: Person | null;
  accepted: Accepted[];
};
export type CounterView = {
  officer: OfficerTile | null;
  desk: string;
  now: number;
  queue: TicketRow[];
  to_settle: TicketRow[];
  current: Current | null;
  devices: DeviceView[];
  sync: SyncView;
  problems: Problem[];
};
export type BoardCall = {
  number: string;
  desk: string;
  at: number;
  times: number;
};
export type BoardView = {
  site_name: Text;
  now: BoardCall[];
  recent: BoardCall[];
  heard_at: number | null;
  stale: boolean;
  news: Text;
  clock: number;
};
export type DockCard = {
  id: string;
  label: Text;
  name: string;
  masked_number: string;
  defect: Text | null;
};
export type DockPrinter = {
  id: string;
  label: Text;
  paper_mm_left: number;
  cover_open: boolean;
  near_end: boolean;
  stalled: boolean;
  junk: boolean;
  line_up: boolean;
  pages: { no: number; png: string ; at: number; torn: boolean }[];
};
export type DockView = {
  cards: DockCard[];
  scanners: { id: string; label: Text; connected: boolean }[];
  printers: DockPrinter[];
  cables: { id: string; label: Text; up: boolean }[];
  spoken: { text: string; at: number }[];
  receipts: { file: string; bytes: number; at: number }[];
};
export type Quote = {
  due_at: number | null;
  due_text: Text;
  fee: Text;
  reasoning: Text[];
};
export type DockPrinterChange = {
  cover_open: boolean | null;
  roll: string | null;
  stalled: boolean | null;
  junk: boolean | null;
  line_up: boolean | null;
};


export type Result<T, E> = { status: "ok"; data: T } | { status: "error"; error: E };

async function typedError<T, E>(result: Promise<T>): Promise<Result<T, E>> {
  try {
    return { status: "ok", data: await result };
  } catch (e) {
    if (e instanceof Error) throw e;
    return { status: "error", error: e as E };
  }
}
