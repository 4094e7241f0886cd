import { AsyncResource } from 'node:async_hooks';
import { setTimeout as nodeSetTimeout } from 'node:timers';
import type { Clock, Timer } from '../ports/clock.js';

/** The longest delay a Node timer takes: a longer one fires after 1 ms. */
const MAX_DELAY_MS = 2_147_483_647;

/** How many timers of a clock fire before the event loop gets a turn: after a standstill many are due at once. */
const MAX_TIMERS_IN_A_ROW = 1000;

/**
 * `performance.now()` and Node timers. Timers of one clock that are due in the same millisecond share a Node timer, so
 * a host gives one clock to all its trackers. A timer fires less than 1 ms early, and on an idle event loop up to 2 ms
 * late.
 *
 * A timer never keeps the process alive. Its callback runs in the async context in which `createTimer` was called, so
 * that no request's `AsyncLocalStorage` leaks into the heartbeats that the request's work causes.
 *
 * The globals are looked up at each call, so that fake timers that replace them work.
 *
 * @see https://nodejs.org/api/async_context.html#class-asyncresource
 */
export class SystemClock implements Clock {
  readonly #alarms = new Alarms();

  now(): number {
    return performance.now();
  }

  createTimer(callback: () => void): Timer {
    return new SystemTimer(this.#alarms, callback);
  }
}

class SystemTimer extends AsyncResource implements Timer {
  readonly #alarms: Alarms;
  readonly #callback: () => void;
  #alarm: Alarm | undefined = undefined;

  constructor(alarms: Alarms, callback: () => void) {
    super('SessionActivityTimer');
    this.#alarms = alarms;
    this.#callback = callback;
  }

  schedule(delayMs: number): void {
    this.cancel();
    this.#alarm = this.#alarms.at(performance.now(), delayMs);
    this.#alarm.timers.add(this);
  }

  cancel(): void {
    if (this.#alarm === undefined) return;
    this.#alarm.timers.delete(this);
    if (this.#alarm.timers.size === 0) this.#alarms.clear(this.#alarm);
    this.#alarm = undefined;
  }

  fire(): void {
    this.#alarm = undefined;
    try {
      this.runInAsyncScope(this.#callback);
    } catch (error) {
      // Uncaught, as in any timer, but not at the cost of those that share the alarm.
      this.runInAsyncScope(queueMicrotask, undefined, () => {
        throw error;
      });
    }
  }
}

/** One Node timer, and those that it is to fire, in the order in which they were scheduled. */
interface Alarm {
  readonly dueMs: number;
  readonly timers: Set<SystemTimer>;
  readonly timeout: ReturnType<typeof setTimeout>;
}

/** The pending alarms of a clock: for each millisecond at most one that is shared. */
class Alarms {
  readonly #shared = new Map<number, Alarm>();
  /** What those that have rung have still to fire. */
  readonly #rung: Iterable<SystemTimer>[] = [];
  #left = MAX_TIMERS_IN_A_ROW;
  /** A pending Node timer holds on to the context that armed it: this one, and no request's. */
  readonly #context = new AsyncResource('SessionActivityClock');

  at(nowMs: number, delayMs: number): Alarm {
    const dueMs = Math.ceil(nowMs + delayMs);
    // A fake timer may be dropped without a word by whoever made it, so none is shared.
    if (setTimeout !== nodeSetTimeout) return this.#arm(dueMs, delayMs, fireAll);
    let alarm = this.#shared.get(dueMs);
    if (alarm === undefined) {
      alarm = this.#arm(dueMs, dueMs - nowMs, this.#ring.bind(this));
      this.#shared.set(dueMs, alarm);
    }
    return alarm;
  }

  clear(alarm: Alarm): void {
    clearTimeout(alarm.timeout);
    // If this is another one, due in the same millisecond, that one is only shared no more.
    this.#shared.delete(alarm.dueMs);
  }

  #arm(dueMs: number, delayMs: number, onRing: (alarm: Alarm) => void): Alarm {
    const timeout = this.#setTimeout(setTimeout, () => onRing(alarm), Math.min(Math.ceil(delayMs), MAX_DELAY_MS));
    const alarm: Alarm = { dueMs, timers: new Set(), timeout };
    return alarm;
  }

  #ring(alarm: Alarm): void {
    this.#shared.delete(alarm.dueMs);
    if (this.#rung.push(alarm.timers.values()) === 1) this.#fireRung();
  }

  #fireRung(): void {
    for (let timers = this.#rung[0]; timers !== undefined; timers = this.#rung[0]) {
      for (const timer of timers) {
        timer.fire();
        if (--this.#left > 0) continue;
        this.#left = MAX_TIMERS_IN_A_ROW;
        this.#setTimeout(nodeSetTimeout, () => this.#fireRung(), 1);
        return;
      }
      this.#rung.shift();
    }
  }

  #setTimeout(arm: typeof setTimeout, callback: () => void, delayMs: number): Alarm['timeout'] {
    const timeout = this.#context.runInAsyncScope(arm, undefined, callback, delayMs);
    timeout.unref();
    return timeout;
  }
}

function fireAll({ timers }: Alarm): void {
  for (const timer of timers) timer.fire();
}
