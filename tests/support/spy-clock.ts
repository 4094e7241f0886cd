import type { Clock, Timer } from '../../src/index.js';

/** A clock that records what is asked of its timer and fires it when a test says so, scheduled or not. */
export class SpyClock implements Clock {
  nowMs: number;
  timersCreated = 0;
  /** The delay of each `schedule`, and `'cancel'` for each `cancel`. */
  readonly calls: (number | 'cancel')[] = [];
  #callback = (): void => undefined;

  constructor(nowMs = 0) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  createTimer(callback: () => void): Timer {
    this.timersCreated++;
    this.#callback = callback;
    return {
      schedule: (delayMs) => {
        this.calls.push(delayMs);
      },
      cancel: () => {
        this.calls.push('cancel');
      },
    };
  }

  /** Fires the timer while the clock shows that time. */
  fireAt(nowMs: number): void {
    this.nowMs = nowMs;
    this.#callback();
  }
}
