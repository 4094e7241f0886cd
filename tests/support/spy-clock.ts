import { type Clock, type Timer } from '../../src/index.js';

/** A clock that records what is asked of its timers and fires them when a test says so. */
export class SpyClock implements Clock {
  nowMs = 0;
  readonly timers: { readonly fire: () => void }[] = [];
  /** The delay of each `schedule`, and `'cancel'` for each `cancel`. */
  readonly calls: (number | 'cancel')[] = [];

  now(): number {
    return this.nowMs;
  }

  createTimer(callback: () => void): Timer {
    this.timers.push({ fire: callback });
    return {
      schedule: (delayMs) => {
        this.calls.push(delayMs);
      },
      cancel: () => {
        this.calls.push('cancel');
      },
    };
  }

  /** Fires the only timer at that time. */
  fireAt(nowMs: number): void {
    this.nowMs = nowMs;
    this.timers[0]?.fire();
  }
}
