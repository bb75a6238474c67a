// What is shipped: no mock, nothing from elsewhere, nothing that the content security policy of the windows would refuse.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
let names: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "motcua-dist-"));
  await build({ logLevel: "error", build: { outDir: folder, emptyOutDir: true } });
  names = readdirSync(join(folder, "assets"));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scripts = () => names.filter((name) => name.endsWith(".js")).map((name) => readFileSync(join(folder, "assets", name), "utf8")).join("\n");

test("the mock centre is not shipped", () => {
  expect(scripts()).toContain("kiosk_take_number");
  expect(scripts()).not.toMatch(/__mock|Nguyễn Thị Phương Thảo/);
});

test("the page has no inline script and asks nobody else for anything", () => {
  const page = readFileSync(join(folder, "index.html"), "utf8");
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(page + scripts()).not.toMatch(/(?:src|href)=["']https?:|@import|import\(["']https?:|fetch\(["']https?:/);
  const styles = names.filter((name) => name.endsWith(".css")).map((name) => readFileSync(join(folder, "assets", name), "utf8"));
  expect(styles.join("\n")).not.toMatch(/url\((?!\.?\/)/);
});

test("the font is shipped as files, with its Vietnamese letters", () => {
  for (const weight of [400, 600, 700]) {
    expect(names.filter((name) => name.startsWith(`be-vietnam-pro-vietnamese-${weight}-`))).toHaveLength(1);
  }
});
