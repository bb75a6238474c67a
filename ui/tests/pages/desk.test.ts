import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESK, HALL, Stage, type Play } from "./browser";

let stage: Stage;
beforeAll(async () => void (stage = await Stage.open()));
afterAll(() => stage.close());

async function signedIn(language: string): Promise<Play> {
  const play = await stage.play("counter", DESK);
  await play.sees("counter-officer-demo");
  if (language === "en") await play.tap("language");
  await play.at("counter-pin").fill("246810");
  await play.press("Enter");
  await play.sees("counter-queue");
  return play;
}

/** Goes to something by the Tab key alone. */
async function tabTo(play: Play, testid: string) {
  for (let tab = 0; tab < 60; tab++) {
    if ((await play.page.evaluate("document.activeElement?.dataset.testid")) === testid) return;
    await play.press("Tab");
  }
  throw new Error(`no way to ${testid} by Tab`);
}

describe.each(["vi", "en"])("the counter, %s", (language) => {
  test("every screen is whole and open to all", async () => {
    const play = await stage.play("counter", DESK);
    const audit = (screen: string) => play.audit(`counter-${language}-${screen}`);
    await play.sees("counter-officer-demo");
    if (language === "en") await play.tap("language");
    await play.sees("counter-demo-account", "246810");
    await audit("sign-in");
    await play.at("counter-pin").fill("1");
    await play.press("Enter");
    await play.sees("counter-problem");
    await audit("sign-in-wrong");
    await play.at("counter-pin").fill("246810");
    await play.press("Enter");
    await play.sees("counter-queue");
    await audit("queue");
    await serve(play, "A101");
    await audit("called");
    await play.press("F8");
    await play.sees("counter-person-name", "Nguyễn Thị Phương Thảo Hoàng Ngân");
    await audit("person");
    await play.press("Enter", "1", "2");
    await audit("papers");
    await play.press("Alt+4");
    await play.sees("counter-due");
    await audit("fee");
    await play.press("Enter");
    await play.sees("counter-accept");
    await audit("review");
    await play.press("Control+Enter");
    await play.sees("counter-receipt");
    await audit("accepted");
    await play.press("/");
    await play.page.keyboard.type("chung thuc");
    await play.sees("counter-found-2.000815");
    await audit("search");
  });

  test("dossiers are found, opened and worked by keys", async () => {
    const play = await signedIn(language);
    await play.press("F5");
    await play.sees("dossiers-count", "4");
    await play.audit(`counter-${language}-dossiers`);
    await play.page.keyboard.type("thuy duong");
    await play.press("Enter");
    await play.sees("dossiers-count", "1");
    await play.tap("dossier-H26.112.00-261123-0001");
    await play.sees("dossier-person", "Thuỳ Dương");
    await play.audit(`counter-${language}-dossier`);
    await play.press("0");
    await play.at("amend-name").fill("Công Tằng Tôn Nữ Nguyễn Phúc Hoàng Thị Thuỳ Dương Anh");
    await play.at("amend-authority").selectOption("commune:00226");
    await play.at("amend-reason").fill("Ghi sai họ tên trên giấy tiếp nhận.");
    await play.audit(`counter-${language}-dossier-amend`);
    await play.press("Control+Enter");
    await play.sees("dossier-person", "Thuỳ Dương Anh");
    await play.sees("dossier-authority", "Văn Miếu");
    await play.tap("order-forward");
    await play.sees("order-to", "Văn Miếu");
    await play.press("Escape");
    await play.tap("order-ask_papers");
    await play.sees("order-lacks");
    await play.tap("order-paper-ly-hon");
    await play.audit(`counter-${language}-dossier-papers`);
    await play.press("Control+Enter");
    await play.sees("dossier-status", language === "en" ? "Papers asked for" : "Yêu cầu bổ sung giấy tờ");
    await play.press("Escape");
    await play.tap("dossier-H26.112.00-261123-0001");
    await play.press("Escape");
    await play.at("dossier-search").fill("");
    await play.press("Enter");
    await play.sees("dossiers-count", "4");
    await play.tap("dossier-H26.112.00-261123-0004");
    await play.sees("dossier-conflict", "Nguyễn Văn Thành");
    await play.audit(`counter-${language}-dossier-conflict`);
    await play.at("conflict-agreed").fill("Tiếp tục giải quyết; đã có xác nhận.");
    await play.tap("conflict-settle");
    await play.sees("dossier-said");
    await play.at("dossier-conflict").waitFor({ state: "detached" });
    await play.tap("order-reappoint");
    await play.sees("order-lacks");
    await play.at("order-ground").selectOption("awaits_others");
    await play.at("order-due").fill("1/12/2026 10:00");
    await play.at("order-note").fill("Phường Cửa Nam chưa trả lời xác minh.");
    await play.audit(`counter-${language}-dossier-apology`);
    await play.press("Control+Enter");
    await play.sees("dossier-said");
    await play.tap("money-transfer");
    await play.sees("payment-qr");
    await play.audit(`counter-${language}-dossier-money`);
    await play.tap("payment-confirm");
    await play.sees("payment-stands", language === "en" ? "paid" : "đã thu");
    await play.press("Escape");
    await play.at("till-counted").fill("300000");
    await play.sees("till-difference", "10.000");
    await play.audit(`counter-${language}-till`);
    await play.press("F5");
    await play.sees("counter-queue");
  });

  test("the record book is written for days that are chosen, by keys alone", async () => {
    const play = await signedIn(language);
    await play.press("F5");
    await play.sees("dossiers-count", "4");
    await play.at("book-from").waitFor();
    await tabTo(play, "book-from");
    await play.press("Control+A");
    await play.page.keyboard.type("1.12.");
    await play.sees("counter-book", language === "en" ? "Not a day yet" : "Chưa phải ngày");
    await play.audit(`counter-${language}-book-no-day`);
    await play.press("Control+A");
    await play.page.keyboard.type("1/11/2026");
    await tabTo(play, "book-until");
    await play.press("Control+A");
    await play.page.keyboard.type("31/10/2026");
    await play.press("Enter");
    await play.sees("counter-book", "31/10/2026");
    await play.press("Control+A");
    await play.page.keyboard.type("30/11/2026");
    await play.press("Enter");
    await play.sees("book-written", "so-theo-doi-20261101-20261130.pdf");
    await play.audit(`counter-${language}-book`);
  });

  test("papers are handed over and confirmed by keys alone, and what is missing stays in sight", async () => {
    const play = await signedIn(language);
    await play.press("F5");
    await play.sees("counter-papers", "H26.112.00-261123-0101");
    await play.audit(`counter-${language}-papers`);
    await tabTo(play, "hand-H26.112.00-261123-0102");
    await play.press("Space");
    await play.sees("hand-over-commune:00226", language === "en" ? "Hand over 1" : "Bàn giao 1");
    await play.press("Space");
    await play.press("Tab", "Control+A");
    await play.page.keyboard.type("x");
    await expect.poll(() => play.at("hand-over-send-commune:00226").isDisabled()).toBe(true);
    await play.press("Control+A");
    await play.page.keyboard.type("9");
    await tabTo(play, "hand-over-send-commune:00226");
    await play.press("Enter");
    await play.sees("papers-said", "BG-Q3-7F3QXM-0001.pdf");
    await play.sees("way-BG-Q3-7F3QXM-0001", language === "en" ? "9 sheets" : "9 tờ");
    // Of what another ward sent, one came.
    await tabTo(play, "came-H26.112.00-261123-0104");
    await play.press("Space");
    await tabTo(play, "came-send-BG-Q7-5KD2WA-0003");
    await play.press("Enter");
    await play.sees("papers-said", "1");
    await play.sees("way-BG-Q7-5KD2WA-0003", "0104");
    await play.audit(`counter-${language}-papers-missing`);
    await tabTo(play, "way-write-BG-Q3-7F3QXM-0001");
    await play.press("Enter");
    await play.sees("papers-said", "BG-Q3-7F3QXM-0001.pdf");
    await play.tap("dossier-H26.112.00-261123-0002");
    await play.sees("dossier-carriage", language === "en" ? "not received" : "chưa xác nhận");
    await play.audit(`counter-${language}-dossier-carriage`);
  });

  test("the outbox says how far each record has come, and a key opens and closes it", async () => {
    const play = await signedIn(language);
    await play.press("F11");
    await play.sees("counter-outbox-whole", language === "en" ? "Both ends agree" : "Hai bên khớp nhau");
    await play.sees("counter-outbox", "48213");
    await play.audit(`counter-${language}-outbox`);
    await play.tap("counter-aside-1-again");
    await expect.poll(() => play.page.getByTestId("counter-aside-1").count()).toBe(0);
    await play.press("Escape");
    await expect.poll(() => play.page.getByTestId("counter-outbox").count()).toBe(0);
  });

  test("earlier dossiers are found by a key, and the page says whether the centre answered", async () => {
    const play = await signedIn(language);
    await serve(play, "A101");
    await play.press("F6");
    await play.sees("counter-problem");
    await play.press("F8");
    await play.sees("counter-person-name");
    await play.press("F6");
    await play.sees("counter-earlier-from", language === "vi" ? "toàn thành phố" : "the whole city");
    await expect.poll(() => play.page.getByTestId("counter-earlier-row").count()).toBe(2);
    await play.page.getByTestId("counter-earlier-row").first().locator("summary").click();
    await play.sees("counter-earlier", "H26.112.00-261104-0112");
    await play.audit(`counter-${language}-earlier`);
    await play.centre((centre) => void (centre.online = false));
    await play.press("F6");
    await play.sees("counter-earlier-from", language === "vi" ? "máy này giữ" : "this station holds");
    await play.audit(`counter-${language}-earlier-offline`);
  });

  test("what was given or granted before is taken over by one key, once the citizen agrees", async () => {
    const play = await signedIn(language);
    await serve(play, "A101");
    await play.press("F8");
    await play.sees("counter-person-name");
    await play.press("/");
    await play.page.keyboard.type("ket hon");
    await play.sees("counter-found-1.000894");
    await play.press("Enter");
    await play.sees("paper-xac-nhan-hon-nhan");
    await expect.poll(() => play.at("reuse-consent").count()).toBe(0);
    await play.press("F6");
    await play.sees("offer-xac-nhan-hon-nhan", "09/05/2027");
    await play.sees("offer-xac-nhan-hon-nhan", "H26.112.00-261104-0112");
    await play.sees("offer-expired-ly-hon");
    await play.audit(`counter-${language}-reuse-offered`);
    const reused = () => play.at("offer-xac-nhan-hon-nhan").getAttribute("data-reused");
    // Without consent the key takes nothing, and says whom to ask.
    await play.press("w");
    await play.sees("counter-problem", language === "vi" ? "Hỏi công dân" : "Ask the citizen");
    expect(await reused()).toBe("false");
    await play.press("0", "w", "e");
    await expect.poll(reused).toBe("true");
    await play.audit(`counter-${language}-reuse-taken`);
    // The same key takes it back; so does the end of the consent.
    await play.press("w");
    await expect.poll(reused).toBe("false");
    await play.press("w");
    await expect.poll(reused).toBe("true");
    await play.press("0");
    await expect.poll(reused).toBe("false");
    await play.press("0", "w", "1");
    await expect.poll(reused).toBe("true");
    await play.press("Alt+5");
    await play.sees("counter-accept");
    await play.press("Control+Enter");
    await play.sees("counter-code");
    expect(await play.page.evaluate("window.__mock.reused")).toEqual(["xac-nhan-hon-nhan"]);
    await play.press("F5");
    await play.sees("till-reused", "3");
  });

  test("the chip of the card is read beside the work", async () => {
    const play = await signedIn(language);
    await serve(play, "A101");
    await play.sees("counter-chip");
    await play.press("F8");
    await play.sees("counter-person-name");
    await play.press("F7");
    await play.sees("counter-person-evidence", language === "vi" ? "chip thật đã xác thực" : "proved genuine");
    await play.sees("counter-person-photo");
    await play.audit(`counter-${language}-chip-read`);
    await play.centre((centre) => {
      if (centre.chip) centre.chip = { ...centre.chip, state: "reading", step: "opening", percent: 5 };
    });
    await play.sees("counter-chip-progress");
    await play.audit(`counter-${language}-chip-reading`);
    await play.centre((centre) => {
      if (centre.chip) centre.chip = { ...centre.chip, state: "failed", problem: { code: "CHIP-WRONG-KEY", params: {} } };
    });
    await play.sees("counter-chip-problem");
    await play.at("counter-chip-number").fill("000000");
    await play.audit(`counter-${language}-chip-failed`);
  });

  test("a citizen steps away, is called back, goes back to the queue and is sent on, by keys", async () => {
    const play = await signedIn(language);
    await serve(play, "A101");
    await play.press("F8");
    await play.sees("counter-person-name");
    await play.press("F1");
    await play.sees("counter-parked-A101");
    await play.at("counter-current-number").waitFor({ state: "detached" });
    await play.audit(`counter-${language}-parked`);
    await serve(play, "A103");
    await play.press("F1");
    await play.sees("counter-parked-A103");
    await play.press("2");
    await play.sees("counter-current-number", "A103");
    await play.press("Shift+F9");
    await play.at("counter-current-number").waitFor({ state: "detached" });
    await play.sees("counter-row-A103");
    await play.press("F1");
    await play.sees("counter-current-number", "A101");
    await play.press("Shift+F2");
    await play.sees("counter-transfer-desk-4");
    await play.audit(`counter-${language}-transfer`);
    await play.press("Escape");
    await play.at("counter-transfer-page").waitFor({ state: "detached" });
    await play.press("Shift+F2", "/");
    await play.page.keyboard.type("chung thuc");
    await play.sees("counter-transfer-found-service-2.000815");
    await play.press("Enter");
    await play.at("counter-current-number").waitFor({ state: "detached" });
    await serve(play, "A101");
    await play.press("Shift+F2");
    await play.sees("counter-transfer-desk-4");
    await play.press("1");
    await play.at("counter-current-number").waitFor({ state: "detached" });
    await play.sees("counter-said");
    expect(await play.page.getByTestId("counter-row-A101").count()).toBe(0);
    expect(play.complaints).toEqual([]);
  });

  test("a paused desk says so, calls nobody and goes on by the same key", async () => {
    const play = await signedIn(language);
    await play.press("Shift+F4");
    await play.sees("counter-pause-page");
    await play.audit(`counter-${language}-pause`);
    await play.press("1");
    await play.sees("counter-paused");
    await play.press("F2");
    await play.sees("counter-problem", language === "vi" ? "tạm dừng" : "paused");
    await play.audit(`counter-${language}-paused`);
    await play.press("Shift+F4");
    await play.at("counter-paused").waitFor({ state: "detached" });
    await play.press("F2");
    await play.sees("counter-current-number");
    await play.press("Shift+F4");
    await play.sees("counter-problem");
  });

  test("several services in one visit: which are done is shown, and ending with one left is asked about once", async () => {
    const play = await signedIn(language);
    await serve(play, "A101");
    await play.press("F8");
    await play.sees("counter-person-name");
    await play.press("/");
    await play.page.keyboard.type("khai sinh");
    await play.sees("counter-found-1.001193");
    await play.press("Shift+Enter");
    await play.sees("counter-service-begin-1.001193");
    await play.press("Escape");
    await play.press("Alt+3");
    await play.press("1", "2", "Enter", "Control+Enter");
    await play.sees("counter-code");
    await expect.poll(() => play.at("counter-service-1.004873").getAttribute("data-done")).toBe("true");
    await play.audit(`counter-${language}-services`);
    await play.press("F9");
    await play.sees("counter-left");
    await play.audit(`counter-${language}-left`);
    await play.press("Alt+7");
    await play.at("counter-left").waitFor({ state: "detached" });
    await play.sees("counter-intake");
    await play.press("F9");
    await play.sees("counter-left");
    await play.press("F9");
    await play.at("counter-current-number").waitFor({ state: "detached" });
  });

  test("offline, with faults, the work goes on beside them", async () => {
    const play = await signedIn(language);
    await play.centre((centre) => {
      centre.paper = "out";
      centre.goOffline();
      void centre.commands.kiosk_take_number({ ask: { intent: "one", procedure: "1.004873", use_card: false, priority: null, language: "vi" } });
    });
    await play.sees("counter-offline", language === "vi" ? "vẫn tiếp nhận bình thường" : "go on as usual");
    await play.sees("counter-settle-A107");
    await play.sees("counter-device-problem");
    await serve(play, "A101");
    await play.audit(`counter-${language}-offline`);
  });
});

test("a whole visit by keys alone: called, opened, ticked, accepted, ended", async () => {
  const play = await signedIn("vi");
  await serve(play, "A101");
  await play.press("F8");
  await play.sees("counter-person-name");
  await play.press("Enter");
  await play.press("1", "2", "Enter", "Control+Enter");
  await play.sees("counter-code", /^H26\.112\.00-\d{6}-\d{4}$/);
  await play.press("F9");
  await play.at("counter-current-number").waitFor({ state: "detached" });
  expect(play.complaints).toEqual([]);
});

/** From the call to the receipt: a card that was scanned, three papers and cash, counted key by key, chords as all their keys. */
test("an intake of a scanned card, three papers and cash takes at most 20 keys and no mouse", async () => {
  const play = await signedIn("vi");
  // The key that called: the queue holds others before.
  const keys = ["F2"];
  const press = async (...pressed: string[]) => {
    keys.push(...pressed.flatMap((chord) => chord.split("+")));
    await play.press(...pressed);
  };
  await serve(play, "A101");
  await press("F8");
  await play.sees("counter-person-name");
  await press("Enter", "1", "2", "3", "Enter", "4");
  await expect.poll(() => play.page.evaluate(() => document.activeElement?.id)).toBe("counter-amount");
  await press("1", "5", "0", "0", "0");
  await play.audit("counter-vi-amount");
  await press("Control+Enter");
  await play.sees("counter-code", /^H26\.112\.00-\d{6}-\d{4}$/);
  await play.sees("counter-receipt");
  expect(keys.length).toBeLessThanOrEqual(20);
  expect(keys.length).toBe(15);
});

test("an instant procedure prints no slip unasked, and F10 hands the result over", async () => {
  const play = await signedIn("vi");
  await serve(play, "A102");
  await play.press("F8");
  await play.sees("counter-person-name");
  await play.press("Enter");
  await play.press("1", "2", "Enter");
  await play.at("counter-pages").fill("3");
  await play.press("Enter");
  expect(await play.at("counter-slip").isChecked()).toBe(false);
  await play.press("Control+Enter");
  await play.sees("counter-accepted");
  expect(await play.at("counter-receipt").count()).toBe(0);
  await play.press("F10");
  await play.at("counter-return").waitFor({ state: "detached" });
});

test("a ticket in doubt is not called until a person has settled it", async () => {
  const play = await signedIn("vi");
  await play.centre((centre) => {
    centre.in_doubt = true;
    centre.commands.kiosk_take_number({ ask: { intent: "one", procedure: "1.004873", use_card: false, priority: null, language: "vi" } }).then((ticket) => centre.commands.kiosk_ticket(ticket));
  });
  await play.sees("counter-settle-A107", "Phiếu A107 có ra giấy không?");
  expect(await play.at("counter-queue-count").textContent()).toContain("6");
  await play.tap("counter-settle-A107-yes");
  await play.at("counter-settle-A107").waitFor({ state: "detached" });
  await play.sees("counter-queue-count", "7");
});

describe("the board", () => {
  test("calls large, keeps the last five, and says when it may be old", async () => {
    const play = await stage.play("board", HALL);
    await play.sees("board-now");
    await play.audit("board-nobody");
    await play.centre((centre) => ["A101", "A102", "B007", "A103", "C015", "A104", "A105"].forEach((number, i) => centre.call(number, String((i % 4) + 1))));
    await play.sees("board-number", "A105");
    await play.audit("board-called");
    const height_px = await play.at("board-number").evaluate((e) => parseFloat(getComputedStyle(e).fontSize) * 0.7);
    expect(height_px / HALL.px_per_mm).toBeGreaterThanOrEqual(60);
    await play.centre((centre) => (centre.stale = true));
    await play.sees("board-stale", "Đang mất kết nối, xin nghe loa hoặc hỏi cán bộ");
    await play.audit("board-stale");
  });
});

describe.each(["vi", "en"])("the dock, %s", (language) => {
  test("plays the hardware", async () => {
    const play = await stage.play("dock", DESK);
    await play.sees("dock-cards");
    if (language === "en") await play.tap("language");
    await play.audit(`dock-${language}`);
    await play.tap("dock-printer-kiosk-cover", "dock-cable-centre");
    await play.sees("dock-printer-kiosk-cover-state", language === "vi" ? "Nắp đang mở" : "Cover open");
    await play.sees("dock-cable-state-centre", language === "vi" ? "đã cắt" : "cut");
    await play.audit(`dock-${language}-faults`);
  });
});

/** Calls until this number stands at the desk; whoever comes before is noted as a no-show. */
async function serve(play: Play, number: string) {
  for (let calls = 0; calls < 8; calls += 1) {
    await play.press("F2");
    await play.sees("counter-current-number");
    if ((await play.at("counter-current-number").textContent()) === number) return;
    await play.press("F4");
    await play.at("counter-current-number").waitFor({ state: "detached" });
  }
  throw new Error(`${number} was never called`);
}
