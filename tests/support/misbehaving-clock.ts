import type { Clock, Timer } from '../../src/index.js';

/** What one call of `now()` gives. */
export type Reading = 'right' | 'stale' | 'throws' | number;

/** How a clock misbehaves. Each list is used in turn and then from its beginning. */
export interface Misbehaviour {
  readonly readings: readonly Reading[];
  /** By how many milliseconds a timer fires early. */
  readonly earlyMs: readonly number[];
}

interface PendingTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** More calls of timers than any one `advance` can need. */
const MAX_TIMER_CALLS = 1000;

/** A clock whose timers can be relied on, give or take a millisecond, while its readings cannot. */
export class MisbehavingClock implements Clock {
  /** The time by which its timers fire. */
  timeMs = 0;
  canSchedule = true;
  readonly #misbehaviour: Misbehaviour;
  readonly #pending = new Map<Timer, PendingTimer>();
  #lastReadingMs = 0;
  #readings = 0;
  #scheduled = 0;

  constructor(misbehaviour: Misbehaviour) {
    this.#misbehaviour = misbehaviour;
  }

  get pendingTimers(): number {
    return this.#pending.size;
  }

  now(): number {
    const { readings } = this.#misbehaviour;
    const reading = readings[this.#readings++ % readings.length];
    if (reading === 'throws') throw new Error('The clock is broken.');
    if (typeof reading === 'number') return reading;
    if (reading === 'right') this.#lastReadingMs = this.timeMs;
    return this.#lastReadingMs;
  }

  createTimer(callback: () => void): Timer {
    const timer: Timer = {
      schedule: (delayMs) => {
        if (!this.canSchedule) throw new Error('There are no timers left.');
        const { earlyMs } = this.#misbehaviour;
        const early = earlyMs[this.#scheduled++ % earlyMs.length] ?? 0;
        this.#pending.set(timer, { dueMs: this.timeMs + Math.max(0, delayMs - early), callback });
      },
      cancel: () => {
        this.#pending.delete(timer);
      },
    };
    return timer;
  }

  advance(ms: number): void {
    const endMs = this.timeMs + ms;
    let calls = 0;
    for (let [due] = this.#dueBy(endMs); due; [due] = this.#dueBy(endMs)) {
      if (++calls > MAX_TIMER_CALLS) throw new Error('The timer fires for ever.');
      const [timer, { dueMs, callback }] = due;
      this.#pending.delete(timer);
      this.timeMs = dueMs;
      callback();
    }
    this.timeMs = endMs;
  }

  /** Loses the pending timers, as test frameworks do when they take their fakes away. */
  loseTimers(): void {
    this.#pending.clear();
  }

  #dueBy(endMs: number): [Timer, PendingTimer][] {
    return [...this.#pending].filter(([, { dueMs }]) => dueMs <= endMs).sort(([, a], [, b]) => a.dueMs - b.dueMs);
  }
}
