import { expect, test } from "vitest";
import type { BoardView } from "../../bindings";
import { isLost } from "./lost";

const view = (stale: boolean) => ({ stale }) as BoardView;

test.each([
  ["heard a moment ago", view(false), null, false],
  ["two heartbeats missed", view(true), null, true],
  ["nothing heard yet", null, null, true],
  ["the station does not answer", view(false), { code: "STATION-FAULT", params: {} }, true],
])("%s", (_, seen, problem, expected) => {
  expect(isLost(seen, problem)).toBe(expected);
});
