import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Watch } from "./watch.svelte";

vi.mock("@tauri-apps/api/event", () => ({ listen: () => Promise.resolve(() => {}) }));
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("keeps what it last knew when the station does not answer, and says so", async () => {
  const answers = [{ status: "ok" as const, data: 1 }, { status: "error" as const, error: { code: "DISK-FULL", params: {} } }];
  const watch = new Watch<number>(() => Promise.resolve(answers.shift() as never));
  await watch.refresh();
  expect([watch.value, watch.problem]).toEqual([1, null]);
  await watch.refresh();
  expect([watch.value, watch.problem?.code]).toEqual([1, "DISK-FULL"]);
});

test("a command that breaks off is a problem, not an exception", async () => {
  const watch = new Watch<number>(() => Promise.reject(new Error("the window is closing")));
  await watch.refresh();
  expect(watch.problem?.code).toBe("STATION-FAULT");
});

test("a reading that began before an action is followed by one more", async () => {
  let truth = "before";
  const gates: (() => void)[] = [];
  const watch = new Watch<string>(() => {
    const seen = truth;
    return new Promise((done) => gates.push(() => done({ status: "ok", data: seen })));
  });
  void watch.refresh();
  truth = "after";
  const fresh = watch.refresh();
  gates.shift()?.();
  await vi.waitFor(() => expect(gates).toHaveLength(1));
  gates.shift()?.();
  await fresh;
  expect(watch.value).toBe("after");
});

test("a slow station is never asked twice at once by the clock", async () => {
  let asked = 0;
  const watch = new Watch<number>(() => {
    asked += 1;
    return new Promise(() => {});
  });
  const stop = watch.start(1000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toBe(1);
  stop();
});
