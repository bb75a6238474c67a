// Papers between offices, as a page may meet them: two dossiers to hand over, and two that another ward sent here.
import type { CarriedRow, HandedOver, OnTheWay, PapersView, SheetsCounted, ToHandOver } from "../bindings";
import { text } from "./data";

const PROCEDURE = text("Cấp Giấy xác nhận tình trạng hôn nhân", "Confirmation of marital status");
const HERE = text("Điểm phục vụ hành chính công phường Ba Đình", "One-stop desk, phường Ba Đình");
const THERE = text("UBND phường Văn Miếu - Quốc Tử Giám", "People’s Committee, phường Văn Miếu - Quốc Tử Giám");

function row(no: number): CarriedRow {
  return { dossier: `01a2074b-a93f-7711-b682-99000000010${no}`, code: `H26.112.00-261123-010${no}`, procedure: PROCEDURE, sheets: 2 + no };
}

export class Papers {
  #ready: ToHandOver[] = [{ to: "commune:00226", name: THERE, results: false, rows: [row(1), row(2)] }];
  #way: OnTheWay[] = [{ number: "BG-Q7-5KD2WA-0003", from: text("Bộ phận một cửa phường Hoàn Kiếm", "One-stop desk, phường Hoàn Kiếm"), to: HERE, at: Date.UTC(2026, 10, 20, 3, 0), confirms: true, ours: false, rows: [row(3), row(4)] }];

  view(): PapersView {
    return { to_hand_over: this.#ready, on_the_way: this.#way };
  }

  handOver(to: string, counted: SheetsCounted[]): HandedOver {
    const group = this.#ready.find((found) => found.to === to)!;
    const sheets = new Map(counted.map((told) => [told.dossier, told.sheets]));
    const gone = group.rows.filter((found) => sheets.has(found.dossier)).map((found) => ({ ...found, sheets: sheets.get(found.dossier)! }));
    const rows = group.rows.filter((found) => !sheets.has(found.dossier));
    this.#ready = this.#ready.map((found) => (found === group ? { ...group, rows } : found)).filter((found) => found.rows.length > 0);
    const number = "BG-Q3-7F3QXM-0001";
    this.#way = [...this.#way, { number, from: HERE, to: group.name, at: Date.UTC(2026, 10, 23, 3, 0), confirms: false, ours: true, rows: gone }];
    return this.paper(number);
  }

  paper(number: string): HandedOver {
    return { number, file: `books/${number}.pdf` };
  }

  receive(dossiers: string[]): PapersView {
    const left = (record: OnTheWay) => ({ ...record, rows: record.rows.filter((found) => !dossiers.includes(found.dossier)) });
    this.#way = this.#way.map(left).filter((record) => record.rows.length > 0);
    return this.view();
  }
}
