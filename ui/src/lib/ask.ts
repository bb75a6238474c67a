// Every question to the station ends in a value or in a problem with a code; a page has no other kind of failure.
import type { Problem } from "../bindings";

export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };
type FromStation<T> = { status: "ok"; data: T } | { status: "error"; error: Problem };

/** Waits for a command. A command that broke off (the station's process is gone) is a problem too, never an exception. */
export async function ask<T>(command: Promise<FromStation<T>>): Promise<Answer<T>> {
  try {
    const got = await command;
    return got.status === "ok" ? { ok: true, value: got.data } : { ok: false, problem: got.error };
  } catch {
    return { ok: false, problem: { code: "STATION-FAULT", params: {} } };
  }
}
