import type { Clock, Timer } from '../ports/clock.js';

/**
 * A tracker's only timer. It rings at the earliest deadline it was told of or before, never after: a deadline that
 * moves away is left to be found not due yet, so that work which bounces touches no timer.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #timer: Timer;
  #ringsAtMs = Infinity;

  constructor(clock: Clock, onRing: () => void) {
    this.#clock = clock;
    this.#timer = clock.createTimer(() => {
      this.#ringsAtMs = Infinity;
      onRing();
    });
  }

  /** Makes sure that it rings by then. `Infinity` asks for nothing. */
  ringBy(dueAtMs: number): void {
    if (dueAtMs >= this.#ringsAtMs) return;
    this.#ringsAtMs = dueAtMs;
    this.#timer.schedule(Math.max(0, dueAtMs - this.#clock.now()));
  }

  silence(): void {
    this.#ringsAtMs = Infinity;
    this.#timer.cancel();
  }
}
