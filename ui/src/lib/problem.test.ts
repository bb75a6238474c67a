import { describe, expect, test } from "vitest";
import catalogue from "$problems";
import { fill, nextStep, sentence } from "./problem";

type Sentences = { vi: string; en: string };
type Entry = { meaning: string; citizen: Sentences; officer: Sentences; next?: Sentences };
const entries = Object.entries(catalogue as Record<string, Entry>);
const texts = ([, entry]: [string, Entry]) => [entry.citizen, entry.officer, ...(entry.next ? [entry.next] : [])];

describe("the catalogue of problems", () => {
  test("has stable codes that say something in both languages", () => {
    const poor = entries.filter(([code, entry]) => {
      const paired = texts([code, entry]).every((pair) => Boolean(pair.vi) === Boolean(pair.en));
      return !/^[A-Z]+(-[A-Z]+)+$/.test(code) || !entry.meaning.endsWith(".") || !entry.officer.vi || !paired;
    });
    expect(poor).toEqual([]);
  });

  test("names the same values in both languages", () => {
    const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort().join();
    expect(entries.filter((entry) => texts(entry).some((pair) => names(pair.vi) !== names(pair.en)))).toEqual([]);
  });

  test("blames nobody and names no machinery to the citizen", () => {
    const rude = entries.filter(([, { citizen }]) => /lỗi|không hợp lệ|hệ thống/i.test(citizen.vi) || /\berror|invalid|\bsystem\b|please wait/i.test(citizen.en));
    expect(rude).toEqual([]);
  });
});

describe("a sentence", () => {
  test.each([
    ["Máy hết giấy. Số của quý vị là {number}.", { number: "A105" }, "Máy hết giấy. Số của quý vị là A105."],
    ["Máy hết giấy. Số của quý vị là {number}.", {}, "Máy hết giấy."],
    ["Sai {left} lần.", {}, "Sai … lần."],
    ["Bản {v} mới.", { v: "0.1.0" }, "Bản 0.1.0 mới."],
    ["", {}, ""],
  ])("%s with %o", (text, params, expected) => {
    expect(fill(text, params as Record<string, string>)).toBe(expected);
  });

  test("of a code that this page does not know is the general one, never a blank", () => {
    expect(sentence({ code: "NEVER-HEARD-OF", params: {} }, "citizen", "vi")).toBe(sentence({ code: "STATION-FAULT", params: {} }, "citizen", "vi"));
    expect(nextStep({ code: "NEVER-HEARD-OF", params: {} }, "en")).not.toBe("");
  });

  test("about the network says since when and how much waits", () => {
    const problem = { code: "NET-CENTRE-DOWN", params: { since: "08:42", waiting: "17" } };
    expect(sentence(problem, "officer", "vi")).toBe("Mất kết nối trung tâm từ 08:42. 17 hồ sơ đang chờ gửi, vẫn tiếp nhận bình thường.");
  });
});
