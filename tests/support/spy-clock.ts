import { type Clock, type Timer } from '../../src/index.js';

/** A clock that records what is asked of its timers and fires them when a test says so. */
export class SpyClock implements Clock {
  nowMs = 0;
  readonly timers: { readonly fire: (nowMs?: number) => void }[] = [];
  /** The delay of each `schedule`, and `'cancel'` for each `cancel`. */
  readonly calls: (number | 'cancel')[] = [];
  /** What each `schedule` counts from. */
  readonly countedFrom: (number | undefined)[] = [];
  /** How often the time was read. */
  readings = 0;

  now(): number {
    this.readings++;
    return this.nowMs;
  }

  createTimer(callback: (nowMs?: number) => void): Timer {
    this.timers.push({ fire: callback });
    return {
      schedule: (delayMs, nowMs) => {
        this.calls.push(delayMs);
        this.countedFrom.push(nowMs);
      },
      cancel: () => {
        this.calls.push('cancel');
      },
    };
  }

  /** Fires the only timer at that time, and may tell it what time it is. */
  fireAt(nowMs: number, isTold = false): void {
    this.nowMs = nowMs;
    this.timers[0]?.fire(isTold ? nowMs : undefined);
  }
}
