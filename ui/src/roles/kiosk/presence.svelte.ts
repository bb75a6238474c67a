// The clock behind idle.ts: asks "are you still here?" and says when the person has gone.
import { fresh, tick, touched } from "./idle";

export class Presence {
  /** Seconds left to answer; null while nobody is being asked. */
  seconds_left: number | null = $state(null);
  #idle = fresh(Date.now());
  #nothingToLose: () => boolean;
  #onGone: () => void;

  constructor(nothingToLose: () => boolean, onGone: () => void) {
    this.#nothingToLose = nothingToLose;
    this.#onGone = onGone;
  }

  touch() {
    this.#idle = touched(this.#idle, Date.now());
    this.#step();
  }

  reset() {
    this.#idle = fresh(Date.now());
    this.seconds_left = null;
  }

  start(): () => void {
    const timer = setInterval(() => this.#step(), 250);
    return () => clearInterval(timer);
  }

  #step() {
    const moment = tick(this.#idle, Date.now());
    this.#idle = moment.idle;
    // On the first screen there is nothing to ask about: language and text size just go back to what they were.
    if (moment.gone || (moment.seconds_left !== null && this.#nothingToLose())) this.#onGone();
    else this.seconds_left = moment.seconds_left;
  }
}
