import { expect, test } from "vitest";
import { action, type Action, type Pressed, type Where } from "./keys";

const DESK: Where = { typing: false, on_button: false, section: 2, free: false };
const TYPING: Where = { ...DESK, typing: true };
const PAPERS: Where = { ...DESK, section: 3 };
const BUTTON: Where = { ...DESK, on_button: true };
const key = (name: string, more: Partial<Pressed> = {}): Pressed => ({ key: name, ctrl: false, alt: false, shift: false, ...more });

const TABLE: [string, Pressed, Where, Action | null][] = [
  ["F2 calls, even while writing", key("F2"), TYPING, { do: "call" }],
  ["F3 recalls", key("F3"), DESK, { do: "recall" }],
  ["F4 notes a no-show", key("F4"), DESK, { do: "no_show" }],
  ["Alt+F4 is the window's", key("F4", { alt: true }), DESK, null],
  ["F6 looks for earlier dossiers, even while writing", key("F6"), TYPING, { do: "earlier" }],
  ["F7 reads the chip", key("F7"), DESK, { do: "read_chip" }],
  ["F8 opens the record", key("F8"), DESK, { do: "open_person" }],
  ["F9 ends the visit", key("F9"), DESK, { do: "close" }],
  ["F10 returns the result", key("F10"), DESK, { do: "return" }],
  ["Ctrl+Enter accepts, even while writing", key("Enter", { ctrl: true }), TYPING, { do: "accept" }],
  ["Ctrl+2 is nobody's", key("2", { ctrl: true }), DESK, null],
  ["Enter goes on", key("Enter"), TYPING, { do: "next" }],
  ["Enter on a button is the button's", key("Enter"), BUTTON, null],
  ["a slash searches", key("/"), DESK, { do: "search" }],
  ["a slash in a field is a slash", key("/"), TYPING, null],
  ["a digit opens a section", key("4"), DESK, { do: "section", section: 4 }],
  ["a digit in a field is a digit", key("4"), TYPING, null],
  ["a digit among the papers ticks one", key("4"), PAPERS, { do: "tick", paper: 3 }],
  ["the letter under a digit takes that paper over", key("w"), PAPERS, { do: "take_over", paper: 1 }],
  ["also as a capital", key("O"), PAPERS, { do: "take_over", paper: 8 }],
  ["nought among the papers is the citizen's consent", key("0"), PAPERS, { do: "consent" }],
  ["nought elsewhere is nothing", key("0"), DESK, null],
  ["another letter among the papers is a letter", key("p"), PAPERS, null],
  ["a letter in a count is a letter", key("w"), { ...PAPERS, typing: true }, null],
  ["Alt and a digit opens a section everywhere", key("4", { alt: true }), { ...PAPERS, typing: true }, { do: "section", section: 4 }],
  ["there is no sixth section", key("6"), DESK, null],
  ["Escape leaves the field", key("Escape"), TYPING, { do: "leave_field" }],
  ["F1 lets the citizen step away, or takes one back", key("F1"), TYPING, { do: "away" }],
  ["Shift+F9 sends back to the queue", key("F9", { shift: true }), TYPING, { do: "send_back" }],
  ["Shift+F3 is nobody's", key("F3", { shift: true }), DESK, null],
  ["a digit at a free desk takes that one back", key("2"), { ...DESK, free: true }, { do: "take_back", place: 1 }],
  ["a digit in a field of a free desk is a digit", key("2"), { ...TYPING, free: true }, null],
  ["Alt and a digit after the sections' begins a service", key("7", { alt: true }), TYPING, { do: "service", place: 1 }],
  ["a letter is a letter", key("a"), DESK, null],
];

test.each(TABLE)("%s", (_, pressed, where, expected) => {
  expect(action(pressed, where)).toEqual(expected);
});
