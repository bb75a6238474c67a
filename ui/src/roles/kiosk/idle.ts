// When nobody touches the kiosk it asks whether anybody is there, and then forgets everything of the last person.

export const SILENCE_MS = 45_000;
export const ASKING_MS = 20_000;
/** How often a touch may answer the question before the kiosk takes the person for gone (WCAG 2.2.1 asks for ten). */
export const MOST_EXTENSIONS = 10;

export type Idle = { last_touch_ms: number; asking_since_ms: number | null; extensions: number };
export type Moment = { idle: Idle; seconds_left: number | null; gone: boolean };

export function fresh(now_ms: number): Idle {
  return { last_touch_ms: now_ms, asking_since_ms: null, extensions: 0 };
}

/** A touch, or a card put before the scanner. It answers the question while extensions are left. */
export function touched(idle: Idle, now_ms: number): Idle {
  if (idle.asking_since_ms === null) return { ...idle, last_touch_ms: now_ms };
  if (idle.extensions >= MOST_EXTENSIONS) return idle;
  return { last_touch_ms: now_ms, asking_since_ms: null, extensions: idle.extensions + 1 };
}

/** What has become of the silence by now. A clock that was set back starts the silence anew. */
export function tick(idle: Idle, now_ms: number): Moment {
  if (now_ms < idle.last_touch_ms || (idle.asking_since_ms !== null && now_ms < idle.asking_since_ms)) {
    return { idle: { ...idle, last_touch_ms: now_ms, asking_since_ms: null }, seconds_left: null, gone: false };
  }
  const since = idle.asking_since_ms ?? (now_ms - idle.last_touch_ms >= SILENCE_MS ? now_ms : null);
  if (since === null) return { idle, seconds_left: null, gone: false };
  const left_ms = ASKING_MS - (now_ms - since);
  return { idle: { ...idle, asking_since_ms: since }, seconds_left: Math.max(0, Math.ceil(left_ms / 1000)), gone: left_ms <= 0 };
}
