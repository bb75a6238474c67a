import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { texts, type Key } from ".";

const keys = Object.keys(texts.vi) as Key[];
const SOURCES = join(process.cwd(), "src");

describe("the texts", () => {
  test("have the same keys in both languages", () => {
    expect(Object.keys(texts.en).sort()).toEqual([...keys].sort());
  });

  test("are all written, with the same values in both languages", () => {
    const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();
    const poor = keys.filter((key) => !texts.vi[key].trim() || !texts.en[key].trim() || values(texts.vi[key]) !== values(texts.en[key]));
    expect(poor).toEqual([]);
  });

  test("are composed (NFC), blame nobody and name no machinery", () => {
    // To apologise (xin lỗi) is no blame: it is the name of a legal paper.
    const rude = keys.filter((key) => /(?<!xin )lỗi|không hợp lệ|hệ thống/i.test(texts.vi[key]) || /\berror|invalid|\bsystem\b|please wait/i.test(texts.en[key]));
    expect(rude).toEqual([]);
    expect(keys.filter((key) => texts.vi[key] !== texts.vi[key].normalize("NFC"))).toEqual([]);
  });

  test("are all used somewhere", () => {
    const code = files(SOURCES).map((file) => readFileSync(file, "utf8")).join("\n");
    const used = (key: string) => code.includes(`"${key}"`) || [...code.matchAll(/`([a-z]+\.[\w.]*)\$\{/g)].some((m) => key.startsWith(m[1] as string));
    expect(keys.filter((key) => !used(key))).toEqual([]);
  });
});

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.(svelte|ts)$/.test(entry.name) && !entry.name.includes(".test.") ? [path] : [];
  });
}
