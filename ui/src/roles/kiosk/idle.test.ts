import { expect, test } from "vitest";
import { ASKING_MS, fresh, MOST_EXTENSIONS, SILENCE_MS, tick, touched } from "./idle";

test("asks after 45 s of silence and counts 20 s down", () => {
  expect(tick(fresh(0), SILENCE_MS - 1).seconds_left).toBeNull();
  const asked = tick(fresh(0), SILENCE_MS);
  expect([asked.seconds_left, asked.gone]).toEqual([20, false]);
  expect(tick(asked.idle, SILENCE_MS + 12_500).seconds_left).toBe(8);
  expect(tick(asked.idle, SILENCE_MS + ASKING_MS - 1).gone).toBe(false);
  expect(tick(asked.idle, SILENCE_MS + ASKING_MS).gone).toBe(true);
});

test("a touch while nobody is asked starts the silence anew", () => {
  const idle = touched(fresh(0), 40_000);
  expect(tick(idle, 84_999).seconds_left).toBeNull();
  expect(tick(idle, 85_000).seconds_left).toBe(20);
});

test("ten touches answer the question, the eleventh no longer does", () => {
  let now = 0;
  let idle = fresh(now);
  for (let n = 1; n <= MOST_EXTENSIONS + 1; n += 1) {
    now += SILENCE_MS;
    idle = tick(idle, now).idle;
    idle = touched(idle, now + 1000);
    const answered = n <= MOST_EXTENSIONS;
    expect(tick(idle, now + 1000).seconds_left === null).toBe(answered);
    now += 1000;
  }
  expect(tick(idle, now + ASKING_MS).gone).toBe(true);
});

test("a clock that is set back sends nobody away", () => {
  const idle = tick(fresh(100_000), 100_000 + SILENCE_MS).idle;
  expect(tick(idle, 5_000)).toMatchObject({ seconds_left: null, gone: false });
});
