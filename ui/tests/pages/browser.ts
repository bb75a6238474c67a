// A real browser on the built pages. Everything here waits for what it needs to see; nothing sleeps.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";
import { expect } from "vitest";
import type { Centre } from "../../src/mock/centre";
import { serve, type Served } from "./serve";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Where screenshots go, when they are wanted. */
const SHOTS = process.env["MOTCUA_SHOTS"];

export type Size = { width: number; height: number; px_per_mm: number };
export const KIOSKS: Record<string, Size> = {
  portrait: { width: 1080, height: 1920, px_per_mm: 2.9 },
  landscape: { width: 1366, height: 768, px_per_mm: 3.97 },
  small: { width: 1024, height: 768, px_per_mm: 3.37 },
  upright: { width: 860, height: 1180, px_per_mm: 3.78 },
};
export const DESK: Size = { width: 1366, height: 768, px_per_mm: 3.78 };
export const HALL: Size = { width: 1920, height: 1080, px_per_mm: 1.58 };

export class Stage {
  #browser: Browser;
  #served: Served;

  private constructor(browser: Browser, served: Served) {
    this.#browser = browser;
    this.#served = served;
  }

  static async open(): Promise<Stage> {
    const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
    return new Stage(await chromium.launch({ executablePath, args: ["--no-sandbox"] }), await serve());
  }

  async close() {
    await this.#browser.close();
    await this.#served.close();
  }

  async play(role: string, size: Size): Promise<Play> {
    const context = await this.#browser.newContext({ viewport: { width: size.width, height: size.height }, reducedMotion: "reduce" });
    const page = await context.newPage();
    const play = new Play(page);
    page.on("pageerror", (error) => play.complaints.push(error.message));
    page.on("console", (line) => line.type() === "error" && play.complaints.push(line.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(this.#served.origin) && !request.url().startsWith("data:")) play.complaints.push(`asked elsewhere: ${request.url()}`);
    });
    await page.goto(`${this.#served.origin}/?role=${role}&px=${size.px_per_mm}`);
    return play;
  }
}

export class Play {
  /** Whatever the page or its policy complained about. */
  complaints: string[] = [];
  page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(10_000);
  }

  at(testid: string): Locator {
    return this.page.getByTestId(testid);
  }

  async tap(...testids: string[]) {
    for (const testid of testids) await this.at(testid).click();
  }

  async press(...keys: string[]) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async sees(testid: string, words?: string | RegExp) {
    const locator = words === undefined ? this.at(testid) : this.at(testid).filter({ hasText: words });
    await locator.first().waitFor({ state: "visible" });
  }

  /** Turns something at the mock centre. */
  async centre(turn: (centre: Centre) => void) {
    await this.page.evaluate(`(${turn.toString()})(window.__mock)`);
  }

  /** Audits the screen with every rule on, and looks that nothing is cut. */
  async audit(name: string) {
    await this.page.evaluate("document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))))");
    if (SHOTS) {
      mkdirSync(SHOTS, { recursive: true });
      await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
    }
    await this.page.evaluate(AXE);
    const found = (await this.page.evaluate("axe.run().then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')))")) as string[];
    expect(found, name).toEqual([]);
    expect(await this.#cut(), name).toEqual([]);
    expect(this.complaints, name).toEqual([]);
  }

  /** How tall the capitals and how large the targets of this screen are, in millimetres. */
  async smallest(px_per_mm: number): Promise<{ capital_mm: number; target_mm: number }> {
    const measured = (await this.page.evaluate(`(() => {
      const seen = (e) => e.getClientRects().length > 0 && !e.closest("[aria-hidden=true], .visually-hidden");
      const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
      const sizes = [...document.querySelectorAll("#app *")].filter((e) => seen(e) && own(e)).map((e) => parseFloat(getComputedStyle(e).fontSize));
      const targets = [...document.querySelectorAll("button")].filter(seen).map((e) => Math.min(e.offsetWidth, e.offsetHeight));
      return [Math.min(...sizes), Math.min(...targets)];
    })()`)) as [number, number];
    // Capitals of Be Vietnam Pro stand 0.7 em high.
    return { capital_mm: (measured[0] * 0.7) / px_per_mm, target_mm: measured[1] / px_per_mm };
  }

  /** Buttons whose words do not fit, and words that stand outside the screen and cannot be scrolled to. */
  #cut(): Promise<string[]> {
    return this.page.evaluate(`(() => {
      const cut = [];
      const scrolls = (e) => { for (let p = e.parentElement; p; p = p.parentElement) { if (["auto", "scroll"].includes(getComputedStyle(p).overflowY) && p.scrollHeight > p.clientHeight) return true; } return false; };
      for (const e of document.querySelectorAll("#app *")) {
        if (e.closest("svg, .visually-hidden") || e.getClientRects().length === 0) continue;
        const box = e.getBoundingClientRect();
        const leaf = e.children.length === 0 && e.textContent.trim();
        if (leaf && !scrolls(e) && (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1)) cut.push("outside: " + e.textContent.slice(0, 40));
        if (e.tagName === "BUTTON" && (e.scrollWidth > e.clientWidth + 2 || e.scrollHeight > e.clientHeight + 2)) cut.push("does not fit: " + e.textContent.slice(0, 40));
      }
      return cut;
    })()`);
  }
}
