import type { Clock, Timer } from '../ports/clock.js';
import { assertFunction, assertWithin } from '../validate.js';

/** A clock that moves only when you advance it. */
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
    assertFunction('callback', callback);
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
   * the order in which they were scheduled. A timer that a stall has made late fires first, now. `advance(0)` fires
   * what is due already.
   *
   * @throws TypeError or RangeError when `ms` is not a finite number of 0 or more: time does not go back.
   */
  advance(ms: number): void {
    assertForward(ms);
    const endMs = this.#nowMs + ms;
    while (this.#fireNext(endMs)) continue;
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /**
   * Does what `advance` does, and lets promises settle before the first timer fires and after each one: an asynchronous
   * sender has its answer before the next heartbeat.
   *
   * Chains of up to 1,000 promises settle, whichever globals are faked. What waits for something else, such as
   * `setImmediate`, `process.nextTick` or a socket, does not.
   *
   * @returns a promise that rejects with a TypeError or RangeError when `ms` is not a finite number of 0 or more, and
   * with what a timer's callback throws.
   */
  async advanceAsync(ms: number): Promise<void> {
    assertForward(ms);
    const endMs = this.#nowMs + ms;
    do await settlePromises();
    while (this.#fireNext(endMs));
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

  /** Fires the next timer that is due by `endMs`. @returns whether there was one. */
  #fireNext(endMs: number): boolean {
    const next = this.#nextDue(endMs);
    if (next === undefined) return false;
    this.#pending.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.dueMs);
    next.callback();
    return true;
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

/** How long a chain of promises may be to settle between two timers. */
const SETTLED_PROMISES = 1_000;

/** By the promise queue alone, because every global that ends a turn of the event loop may be faked or missing. */
async function settlePromises(): Promise<void> {
  for (let i = 0; i < SETTLED_PROMISES; i++) await Promise.resolve();
}

interface ManualTimer {
  readonly callback: () => void;
  dueMs: number;
  ordinal: number;
}

function assertForward(ms: unknown): void {
  assertWithin('ms', ms, 0, Number.MAX_VALUE, 'a finite number of milliseconds, 0 or more');
}
