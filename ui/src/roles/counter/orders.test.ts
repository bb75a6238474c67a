import { expect, test } from "vitest";
import { EMPTY, lacks, needsGround, ORDERS, workAsk } from "./orders";

test("an order says what it still lacks, and nothing more once it is whole", () => {
  const whole = { ...EMPTY, papers: [{ id: "to-khai", fault: "missing" }], ground: "other", amount: "15000", due: "1/12/2026 10:00", bring_by: "31/12/2026", note: "Lý do" };
  for (const order of ORDERS) expect(lacks(order, whole), order).toBeNull();
  expect(lacks("ask_papers", EMPTY)).toBe("papers");
  expect(lacks("ask_duty", { ...EMPTY, amount: "0" })).toBe("amount");
  expect(lacks("reappoint", { ...whole, due: "1/12" })).toBe("due");
  expect(lacks("ask_papers", { ...whole, bring_by: "mai" })).toBe("bring_by");
  for (const order of ORDERS.filter(needsGround)) {
    expect(lacks(order, { ...whole, ground: "" }), order).toBe("ground");
    expect(lacks(order, { ...whole, note: " " }), order).toBe("note");
  }
});

test("what is sent carries what was filled in, under the order's own name", () => {
  const filled = { ...EMPTY, papers: [{ id: "to-khai", fault: "illegible" }], amount: " 15000 ", number: "12/XN", by: "post" as const };
  for (const order of ORDERS) expect(workAsk(order, filled).order).toBe(order);
  expect(workAsk("ask_papers", filled)).toMatchObject({ papers: [{ id: "to-khai", fault: "illegible" }] });
  expect(workAsk("papers_brought", filled)).toMatchObject({ papers: [{ id: "to-khai", original: 1 }] });
  expect(workAsk("ask_duty", filled)).toMatchObject({ amount: 15000 });
  expect(workAsk("reappoint", { ...filled, due: "1/12/2026 10:00" })).toMatchObject({ due: "2026-12-01T10:00" });
  expect(workAsk("return", filled)).toMatchObject({ by: "post" });
});
