import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KIOSKS, Stage, type Play, type Size } from "./browser";

let stage: Stage;
beforeAll(async () => void (stage = await Stage.open()));
afterAll(() => stage.close());

const LOOKS = [
  { name: "vi", taps: [] },
  { name: "en", taps: ["kiosk-language"] },
  { name: "vi-large", taps: ["kiosk-text-3"] },
  { name: "vi-contrast", taps: ["kiosk-contrast"] },
];

describe.each(Object.entries(KIOSKS))("a kiosk, %s", (shape, size) => {
  test.each(LOOKS)("every screen is whole and open to all ($name)", async ({ name, taps }) => {
    const play = await stage.play("kiosk", size);
    await play.tap(...taps);
    const audit = (screen: string) => play.audit(`kiosk-${shape}-${name}-${screen}`);

    await play.sees("kiosk-take-number");
    await audit("home");
    await play.tap("kiosk-take-number");
    await play.sees("kiosk-no-card");
    await audit("card");
    await play.centre((centre) => centre.putCard("phone"));
    await play.sees("kiosk-card-problem");
    await audit("card-not-an-id");
    await play.tap("kiosk-no-card", "kiosk-words", "key-h", "key-o", "key-n");
    await play.sees("kiosk-search");
    await audit("words");
    await play.tap("kiosk-back");
    await play.centre((centre) => centre.putCard("thao"));
    await play.sees("kiosk-card-name", "Nguyễn Thị Phương Thảo Hoàng Ngân");
    await audit("field");
    await find(play, "kiosk-field-chung-thuc");
    await audit("procedure");
    await find(play, "kiosk-procedure-2.000884");
    await play.sees("kiosk-confirm");
    await audit("confirm");
    await play.centre((centre) => (centre.slow_ms = 1500));
    await play.tap("kiosk-confirm");
    await play.sees("kiosk-printing");
    await audit("printing");
    await play.sees("kiosk-number", "A107");
    await audit("done");
    await play.tap("kiosk-finish");
  });

  test("what is not the main walk is whole too", async () => {
    const play = await stage.play("kiosk", size);
    const audit = (screen: string) => play.audit(`kiosk-${shape}-${screen}`);
    await play.tap("kiosk-papers");
    await find(play, "kiosk-field-ho-tich");
    await find(play, "kiosk-procedure-1.004873");
    await play.sees("kiosk-paper-list");
    await audit("papers");
    await play.tap("kiosk-back", "kiosk-back");
    await find(play, "kiosk-field-dat-dai");
    await find(play, "kiosk-procedure-1.012769");
    await play.sees("kiosk-papers-unknown", "hỏi cán bộ");
    await audit("papers-unknown");
    await play.tap("kiosk-home", "kiosk-look-up", "key-h", "key-2", "key-6", "kiosk-find");
    await play.sees("kiosk-state");
    await audit("state");
    await play.centre((centre) => centre.goOffline());
    await play.tap("kiosk-finish", "kiosk-look-up", "key-h", "kiosk-find");
    await play.sees("kiosk-problem");
    await audit("look-up-offline");
    await play.centre((centre) => (centre.open = false));
    await play.tap("kiosk-home");
    await play.sees("kiosk-closed");
    await audit("closed");
  });

  test("no paper is never a dead end", async () => {
    const play = await stage.play("kiosk", size);
    await play.centre((centre) => (centre.paper = "out"));
    await take(play);
    await play.sees("kiosk-qr");
    await play.sees("kiosk-number", "A107");
    await play.sees("kiosk-problem", "Máy hết giấy. Số của quý vị là A107, cán bộ đang đến.");
    await play.audit(`kiosk-${shape}-no-paper`);
    await play.tap("kiosk-finish");
    await play.sees("kiosk-take-number");
  });

  test("capitals are 4.8 mm high and targets 15 mm wide", async () => {
    const play = await stage.play("kiosk", size);
    const scale = drawnToScale(size);
    for (const next of ["kiosk-take-number", "kiosk-no-card", "kiosk-words"]) {
      await play.sees(next);
      const { capital_mm, target_mm } = await play.smallest(size.px_per_mm * scale);
      expect(capital_mm).toBeGreaterThanOrEqual(4.79);
      expect(target_mm).toBeGreaterThanOrEqual(14.9);
      await play.tap(next);
    }
  });
});

test("a double tap is one ticket", async () => {
  const play = await stage.play("kiosk", KIOSKS["small"] as Size);
  await play.centre((centre) => (centre.slow_ms = 300));
  await play.tap("kiosk-take-number", "kiosk-no-card");
  await find(play, "kiosk-field-ho-tich");
  await find(play, "kiosk-procedure-1.004873");
  await play.at("kiosk-confirm").dblclick();
  await play.sees("kiosk-number", "A107");
  await play.tap("kiosk-finish");
  await take(play);
  await play.sees("kiosk-number", "A108");
});

test("silence is asked about, then everything of the person is gone", async () => {
  const play = await stage.play("kiosk", KIOSKS["small"] as Size);
  await play.page.clock.install();
  await play.page.reload();
  await play.centre((centre) => centre.putCard("thao"));
  await play.page.clock.runFor(1500);
  await play.sees("kiosk-card-name");
  await play.page.clock.runFor(45_500);
  await play.sees("kiosk-still-here");
  await play.tap("kiosk-stay");
  await play.at("kiosk-still-here").waitFor({ state: "detached" });
  await play.page.clock.runFor(45_500);
  await play.sees("kiosk-still-here");
  await play.page.clock.runFor(20_500);
  await play.sees("kiosk-take-number");
  expect(await play.page.content()).not.toContain("Phương Thảo");
});

/** Leafs through the pages until the tile is there, and touches it. */
async function find(play: Play, testid: string) {
  const tile = play.at(testid);
  const next = play.at("kiosk-page-next");
  await play.page.locator(".tiles button").first().waitFor();
  while ((await tile.count()) === 0 && (await next.count()) > 0 && (await next.isEnabled())) await next.click();
  await tile.click();
}

async function take(play: Play) {
  await play.tap("kiosk-take-number", "kiosk-no-card");
  await find(play, "kiosk-field-ho-tich");
  await find(play, "kiosk-procedure-1.004873");
  await play.tap("kiosk-confirm");
}

/** A screen lower than any kiosk's is drawn to scale; its millimetres shrink with it. */
function drawnToScale(size: Size): number {
  return Math.min(1, Math.min(size.width, size.height) / 190 / size.px_per_mm);
}
