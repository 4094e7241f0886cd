import type { Clock, Timer } from '../ports/clock.js';
import { invalid } from '../validate.js';

/** A clock that moves only when it is told to. */
export class ManualClock implements Clock {
  readonly #pending = new Set<ManualTimer>();
  #nowMs = 0;
  #scheduled = 0;

  /** How many timers are scheduled and have not fired. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#nowMs;
  }

  createTimer(callback: () => void): Timer {
    const timer: ManualTimer = { callback, dueMs: 0, ordinal: 0 };
    return {
      schedule: (delayMs) => {
        timer.dueMs = this.#nowMs + Math.max(0, delayMs);
        timer.ordinal = this.#scheduled++;
        this.#pending.add(timer);
      },
      cancel: () => {
        this.#pending.delete(timer);
      },
    };
  }

  /**
   * Lets `ms` pass. Every timer that falls due fires at its own time, in order of time; those of the same time fire in
   * the order in which they were scheduled. A timer that a stall has made late fires first, now. `advance(0)` fires what
   * is due already.
   *
   * @throws TypeError or RangeError when `ms` is not a finite number of 0 or more: time does not go back.
   */
  advance(ms: number): void {
    assertForward(ms);
    const endMs = this.#nowMs + ms;
    for (let next = this.#nextDue(endMs); next !== undefined; next = this.#nextDue(endMs)) {
      this.#pending.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /**
   * Lets `ms` pass without firing a timer, as a blocked event loop or a suspended container does. What fell due fires
   * late, at the next `advance`.
   *
   * @throws TypeError or RangeError when `ms` is not a finite number of 0 or more: time does not go back.
   */
  stall(ms: number): void {
    assertForward(ms);
    this.#nowMs += ms;
  }

  #nextDue(endMs: number): ManualTimer | undefined {
    let first: ManualTimer | undefined;
    for (const timer of this.#pending) {
      if (timer.dueMs > endMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.ordinal < first.ordinal)) {
        first = timer;
      }
    }
    return first;
  }
}

interface ManualTimer {
  readonly callback: () => void;
  dueMs: number;
  ordinal: number;
}

function assertForward(ms: unknown): void {
  const expected = 'a finite number of milliseconds, 0 or more';
  if (typeof ms !== 'number') throw invalid(TypeError, 'ms', expected, ms);
  if (!(ms >= 0 && ms < Infinity)) throw invalid(RangeError, 'ms', expected, ms);
}
