import { AsyncResource } from 'node:async_hooks';
import { performance as nodePerformance } from 'node:perf_hooks';
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
 * Fake timers that replace the globals work, also with a clock made before: while the global `setTimeout` is not Node's
 * own, it and the global `performance` are used, looked up at each call.
 *
 * @see https://nodejs.org/api/async_context.html#class-asyncresource
 */
export class SystemClock implements Clock {
  readonly #alarms = new Alarms();

  now(): number {
    return readMs();
  }

  createTimer(callback: () => void): Timer {
    return new SystemTimer(this.#alarms, callback);
  }
}

/**
 * A member of a ring: an alarm and the timers that it is to fire, in the order in which they were scheduled. Whoever is
 * alone is its own neighbour. Linked and not in a `Set`, which would grow by copying itself at every round of beats.
 */
interface Link {
  prev: Link;
  next: Link;
}

function unlink(link: Link): void {
  link.prev.next = link.next;
  link.next.prev = link.prev;
  link.prev = link.next = link;
}

class SystemTimer extends AsyncResource implements Timer, Link {
  readonly #alarms: Alarms;
  readonly #callback: () => void;
  prev: Link = this;
  next: Link = this;

  constructor(alarms: Alarms, callback: () => void) {
    super('SessionActivityTimer');
    this.#alarms = alarms;
    this.#callback = callback;
  }

  schedule(delayMs: number, nowMs = readMs()): void {
    this.cancel();
    this.#alarms.at(nowMs, delayMs).append(this);
  }

  cancel(): void {
    const { prev, next } = this;
    unlink(this);
    if (prev === next && prev instanceof Alarm) this.#alarms.clear(prev);
  }

  fire(): void {
    unlink(this);
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

/** One Node timer, and those that it is to fire. */
class Alarm implements Link {
  readonly dueMs: number;
  timeout: NodeJS.Timeout | undefined = undefined;
  prev: Link = this;
  next: Link = this;

  constructor(dueMs: number) {
    this.dueMs = dueMs;
  }

  append(timer: SystemTimer): void {
    timer.prev = this.prev;
    timer.next = this;
    this.prev.next = timer;
    this.prev = timer;
  }
}

/** The pending alarms of a clock: for each millisecond at most one that is shared. */
class Alarms {
  readonly #shared = new Map<number, Alarm>();
  /** What those that have rung have still to fire. */
  readonly #rung: Alarm[] = [];
  #left = MAX_TIMERS_IN_A_ROW;
  /** A pending Node timer holds on to the context that armed it: this one, and no request's. */
  readonly #context = new AsyncResource('SessionActivityClock');

  at(nowMs: number, delayMs: number): Alarm {
    const dueMs = Math.ceil(nowMs + delayMs);
    // A fake timer may be dropped without a word by whoever made it, so none is shared.
    if (areTimersFake()) return this.#arm(dueMs, delayMs, fireAll);
    let alarm = this.#shared.get(dueMs);
    if (alarm === undefined) {
      // Newer versions of Node warn of a negative delay.
      alarm = this.#arm(dueMs, Math.max(0, dueMs - readMs()), this.#ring.bind(this));
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
    const alarm = new Alarm(dueMs);
    alarm.timeout = this.#setTimeout(setTimeout, () => onRing(alarm), Math.min(Math.ceil(delayMs), MAX_DELAY_MS));
    return alarm;
  }

  #ring(alarm: Alarm): void {
    this.#shared.delete(alarm.dueMs);
    if (this.#rung.push(alarm) === 1) this.#fireRung();
  }

  #fireRung(): void {
    for (let alarm = this.#rung[0]; alarm !== undefined; alarm = this.#rung[0]) {
      while (alarm.next instanceof SystemTimer) {
        alarm.next.fire();
        if (--this.#left > 0) continue;
        this.#left = MAX_TIMERS_IN_A_ROW;
        this.#setTimeout(nodeSetTimeout, () => this.#fireRung(), 1);
        return;
      }
      this.#rung.shift();
    }
  }

  #setTimeout(arm: typeof setTimeout, callback: () => void, delayMs: number): NodeJS.Timeout {
    const timeout = this.#context.runInAsyncScope(arm, undefined, callback, delayMs);
    timeout.unref();
    return timeout;
  }
}

function areTimersFake(): boolean {
  return setTimeout !== nodeSetTimeout;
}

/** Node's own is the same object as the global, without the getter that the global is behind, which takes longer. */
function readMs(): number {
  return areTimersFake() ? performance.now() : nodePerformance.now();
}

function fireAll(alarm: Alarm): void {
  while (alarm.next instanceof SystemTimer) alarm.next.fire();
}
