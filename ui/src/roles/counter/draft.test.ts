import { expect, test } from "vitest";
import type { PaperNeeded, PaperOffer, Person, ProcedureTile } from "../../bindings";
import { acceptAsk, agree, count, isNumber, missing, newDraft, prefill, takeOver, tick } from "./draft";

const both = (vi: string) => ({ vi, en: vi });
const paper = (id: string, more: Partial<PaperNeeded> = {}): PaperNeeded => ({ id, name: both(id), original: 1, certified: 0, copies: 0, shown_only: false, required: true, ...more });
const procedure = (more: Partial<ProcedureTile> = {}): ProcedureTile => ({
  code: "1.004873", name: both("Xác nhận"), field: "ho-tich", instant: false, limit: both(""), fee: both(""), fee_by_page: false, fee_known: true, authority: both(""), papers: [paper("to-khai"), paper("ly-hon", { required: false })], source: null, ...more,
});
const PERSON: Person = { name: "Nguyễn Thị Mẫu", number: "001199000123", masked_number: "", birth: "1999-02-15", sex: "Nữ", residence: "Hà Nội", old_number: null, evidence: "qr", warnings: [] };
const fields = (draft: ReturnType<typeof newDraft>) => missing(draft).map((m) => m.field);

test("what is missing comes in the order in which it is asked", () => {
  expect(fields(newDraft("i", null))).toEqual(["counter-search", "applicant-name", "applicant-number"]);
  const draft = newDraft("i", procedure());
  draft.applicant = prefill(draft.applicant, PERSON);
  expect(fields(draft)).toEqual(["paper-to-khai"]);
  tick(draft, paper("to-khai"));
  expect(fields(draft)).toEqual([]);
});

test("papers that are not known hold nobody up", () => {
  const draft = newDraft("i", procedure({ papers: null }));
  draft.applicant = prefill(draft.applicant, PERSON);
  expect(fields(draft)).toEqual([]);
});

test("a fee by the page needs the pages", () => {
  const draft = newDraft("i", procedure({ papers: [], fee_by_page: true }));
  draft.applicant = prefill(draft.applicant, PERSON);
  expect(fields(draft)).toEqual(["counter-pages"]);
  draft.pages = "3";
  expect(acceptAsk(draft, "v")).toMatchObject({ pages: 3, copies: 1 });
});

test("an opened record fills what is empty and leaves what was written", () => {
  const written = { ...newDraft("i", null).applicant, name: "Nguyễn Thị Mẫu Mới", phone: "0900000000" };
  expect(prefill(written, PERSON)).toEqual({ name: "Nguyễn Thị Mẫu Mới", number: "001199000123", birth: "15/02/1999", sex: "Nữ", residence: "Hà Nội", phone: "0900000000", email: "" });
});

test("a second tick takes the paper away again", () => {
  const draft = newDraft("i", procedure());
  tick(draft, paper("to-khai", { copies: 2 }));
  expect(draft.papers).toEqual({ "to-khai": { original: 1, certified: 0, copies: 2 } });
  tick(draft, paper("to-khai"));
  expect(draft.papers).toEqual({});
});

const offer = (more: Partial<PaperOffer> = {}): PaperOffer => ({ paper: "to-khai", from: "d", code: "H26", procedure: both("X"), site: "", at: 0, result: true, until: both(""), expired: false, ...more });

test("a paper is taken over with consent only, and then nobody asks for it", () => {
  const draft = newDraft("i", procedure());
  draft.applicant = prefill(draft.applicant, PERSON);
  expect(takeOver(draft, offer())).toBe(false);
  agree(draft, true);
  expect(takeOver(draft, offer({ expired: true }))).toBe(false);
  tick(draft, paper("to-khai"));
  expect(takeOver(draft, offer())).toBe(true);
  expect(fields(draft)).toEqual([]);
  expect(acceptAsk(draft, "v")).toMatchObject({ papers: [], reuse: [{ paper: "to-khai", from: "d" }], consent: true });
  expect(takeOver(draft, offer())).toBe(true);
  expect(fields(draft)).toEqual(["paper-to-khai"]);
});

test("who hands a paper in after all, or takes the consent back, has nothing taken over", () => {
  const draft = newDraft("i", procedure());
  agree(draft, true);
  takeOver(draft, offer());
  tick(draft, paper("to-khai"));
  expect([draft.reuse, Object.keys(draft.papers)]).toEqual([{}, ["to-khai"]]);
  takeOver(draft, offer());
  agree(draft, false);
  expect(acceptAsk(draft, "v")).toMatchObject({ papers: [], reuse: [], consent: false });
});

test("no slip is asked for unless the officer ticks it, and one draft is one wish", () => {
  const draft = newDraft("wish", procedure({ instant: true }));
  draft.applicant.name = "  Nguyễn Thị Mẫu ";
  draft.applicant.birth = "15/02/1999";
  expect(acceptAsk(draft, "v")).toMatchObject({ intent: "wish", visit: "v", slip: false, fee_paid: false, pages: null, copies: null, applicant: { name: "Nguyễn Thị Mẫu", birth: "1999-02-15" } });
  expect(acceptAsk(newDraft("wish", null), "v")).toBeNull();
});

test.each([
  ["12", 12], [" 3 ", 3], ["0", null], ["-1", null], ["1.5", null], ["", null], ["trang", null], ["99999", null],
])("%j counts as %j", (words, expected) => {
  expect(count(words)).toBe(expected);
});

test.each([
  ["001199000123", true], [" 001199000123 ", true], ["00119900012", false], ["0011990001234", false], ["00119900012a", false], ["", false],
])("%j as an identity number: %j", (words, expected) => {
  expect(isNumber(words)).toBe(expected);
});
