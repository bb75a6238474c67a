// A view of the station that the page keeps fresh: read again at a fixed pace, and at once when the station says "changed".
import { listen } from "@tauri-apps/api/event";
import type { Problem } from "../bindings";
import { ask } from "./ask";

type Read<T> = () => Promise<{ status: "ok"; data: T } | { status: "error"; error: Problem }>;

export class Watch<T> {
  value: T | null = $state.raw(null);
  problem: Problem | null = $state.raw(null);
  #read: Read<T>;
  #reading: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(read: Read<T>) {
    this.#read = read;
  }

  /** Reads what is true now. A reading that began earlier may be stale, so it is waited for and followed by one more. */
  refresh(): Promise<void> {
    if (!this.#reading) return this.#begin();
    this.#next ??= this.#reading.then(() => {
      this.#next = null;
      return this.#begin();
    });
    return this.#next;
  }

  /** Keeps reading every `every_ms`, never two at once; the answer stops it. */
  start(every_ms: number): () => void {
    void this.refresh();
    const timer = setInterval(() => {
      if (!this.#reading) void this.#begin();
    }, every_ms);
    const listening = listen("changed", () => void this.refresh()).catch(() => () => {});
    return () => {
      clearInterval(timer);
      void listening.then((stop) => stop());
    };
  }

  #begin(): Promise<void> {
    this.#reading = this.#once().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #once() {
    const answer = await ask(this.#read());
    if (answer.ok) this.value = answer.value;
    this.problem = answer.ok ? null : answer.problem;
  }
}
