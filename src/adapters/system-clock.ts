import { AsyncResource } from 'node:async_hooks';
import { performance as nodePerformance } from 'node:perf_hooks';
import type { Clock, Timer } from '../ports/clock.js';
import { Alarm, Alarms, areTimersFake, leave, type Ring, type RingTimer } from './alarms.js';

/**
 * `performance.now()` and Node timers. Timers of one clock that are due in the same millisecond share Node timers, so a
 * host gives one clock to all its trackers. A timer is due to fire less than 1 ms early and up to 1 ms late, or up to
 * 2 ms late where it shares. What the event loop adds, and Node's own waiting for whole milliseconds, comes on top.
 *
 * A timer never keeps the process alive. Its callback runs in the async context in which `createTimer` was called, so
 * that no request's `AsyncLocalStorage` leaks into the heartbeats that the request's work causes.
 *
 * Fake timers that replace the globals work, also with a clock made before: while the global `setTimeout` is not Node's
 * own, it and the global `performance` are used, looked up at each call.
 *
 * A class that extends this one may override `now` to count from another point in time, and its timers go by that. Delays
 * stay real milliseconds; such a `now` moves with them, and neither throws nor calls back.
 *
 * @see https://nodejs.org/api/async_context.html#class-asyncresource
 */
export class SystemClock implements Clock {
  readonly #alarms = new Alarms(this);

  now(): number {
    return readMs();
  }

  createTimer(callback: (nowMs?: number) => void): Timer {
    return new SystemTimer(this.#alarms, callback);
  }
}

class SystemTimer extends AsyncResource implements Timer, RingTimer {
  readonly #alarms: Alarms;
  readonly #callback: (nowMs?: number) => void;
  prev: RingTimer = this;
  next: RingTimer = this;
  leads: Ring | undefined = undefined;

  constructor(alarms: Alarms, callback: (nowMs?: number) => void) {
    super('SessionActivityTimer');
    this.#alarms = alarms;
    this.#callback = callback;
  }

  schedule(delayMs: number, nowMs = this.#alarms.clock.now()): void {
    this.cancel();
    this.#alarms.at(nowMs, delayMs).append(this);
  }

  cancel(): void {
    const emptied = leave(this);
    if (emptied instanceof Alarm) this.#alarms.clear(emptied);
  }

  fire(nowMs: number): void {
    leave(this);
    try {
      this.runInAsyncScope(this.#callback, undefined, nowMs);
    } catch (error) {
      // Uncaught, as in any timer, but not at the cost of those that share the alarm.
      this.runInAsyncScope(queueMicrotask, undefined, () => {
        throw error;
      });
    }
  }
}

/** Node's own is the same object as the global, without the getter that the global is behind, which takes longer. */
function readMs(): number {
  return areTimersFake() ? performance.now() : nodePerformance.now();
}
