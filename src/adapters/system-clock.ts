import { AsyncResource } from 'node:async_hooks';
import { performance as nodePerformance } from 'node:perf_hooks';
import { setImmediate as nodeSetImmediate, setTimeout as nodeSetTimeout } from 'node:timers';
import type { Clock, Timer } from '../ports/clock.js';

/** The longest delay a Node timer takes: a longer one fires after 1 ms. */
const MAX_DELAY_MS = 2_147_483_647;

/** For how long a clock goes on firing timers in one turn of the event loop: after a standstill many are due at once. */
const MAX_HOLD_MS = 5;

/**
 * `performance.now()` and Node timers. Timers of one clock that are due in the same millisecond share Node timers, so a
 * host gives one clock to all its trackers. A timer is due to fire less than 1 ms early and up to 1 ms late, or up to
 * 2 ms late where it shares. What the event loop adds, and Node's own waiting for whole milliseconds, comes on top.
 *
 * A timer never keeps the process alive. Its callback runs in the async context in which `createTimer` was called, so
 * that no request's `AsyncLocalStorage` leaks into the heartbeats that the request's work causes.
 *
 * Fake timers that replace the globals work, also with a clock made before: while the global `setTimeout` is not Node's
 * own, it and the global `performance` are used, looked up at each call. A class that extends this one may have a `now`
 * of its own, which its timers go by too.
 *
 * @see https://nodejs.org/api/async_context.html#class-asyncresource
 */
export class SystemClock implements Clock {
  readonly #alarms = new Alarms(this);

  now(): number {
    // Node's own is the same object as the global, without the getter that the global is behind, which takes longer.
    return areTimersFake() ? performance.now() : nodePerformance.now();
  }

  createTimer(callback: (nowMs?: number) => void): Timer {
    return new SystemTimer(this.#alarms, callback);
  }
}

class SystemTimer extends AsyncResource implements Timer {
  readonly #alarms: Alarms;
  readonly #callback: (nowMs?: number) => void;
  /** Its neighbours in its ring: itself while it is alone, or in none. */
  prev: SystemTimer = this;
  next: SystemTimer = this;
  /** The ring whose first it is. */
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

/** @returns the ring that `timer` leaves empty, if it does. */
function leave(timer: SystemTimer): Ring | undefined {
  const { prev, next, leads } = timer;
  prev.next = next;
  next.prev = prev;
  timer.prev = timer.next = timer;
  if (leads === undefined) return undefined;
  timer.leads = undefined;
  if (next === timer) {
    leads.first = undefined;
    return leads;
  }
  leads.first = next;
  next.leads = leads;
  return undefined;
}

/**
 * Timers in the order in which they are to fire, linked in a circle. Only the first of them refers to the ring: the
 * garbage collector looks anew at every reference from an old object, as timers are, to a young one, as alarms are.
 * Linked and not in a `Set`, which would grow by copying itself at every round of beats.
 */
class Ring {
  first: SystemTimer | undefined = undefined;

  /** Takes in a timer that is in no ring, or the whole circle that it is the first of and that no ring has any more. */
  append(timer: SystemTimer): void {
    const { first } = this;
    if (first === undefined) {
      this.first = timer;
      timer.leads = this;
      return;
    }
    const last = timer.prev;
    timer.leads = undefined;
    timer.prev = first.prev;
    first.prev.next = timer;
    last.next = first;
    first.prev = last;
  }
}

/** One Node timer, and those that it is to fire. */
class Alarm extends Ring {
  /** The millisecond whose timers it may fire. */
  readonly slot: number;
  /** When Node is to ring it. It may do so less than 1 ms before: it counts from the last whole millisecond. */
  readonly ringsByMs: number;
  timeout: NodeJS.Timeout | undefined = undefined;

  constructor(slot: number, ringsByMs: number) {
    super();
    this.slot = slot;
    this.ringsByMs = ringsByMs;
  }
}

/** The pending alarms of a clock. Of those for one millisecond only the latest is shared by further timers. */
class Alarms {
  /** Read by its `now` alone, which a class that extends it may have replaced. */
  readonly clock: Clock;
  readonly #shared = new Map<number, Alarm>();
  /** What those that have rung have still to fire. */
  readonly #rung = new Ring();
  /** Whether a Node timer is pending that goes on with them. */
  #isToGoOn = false;
  /** Since when timers fire in this turn of the event loop; `undefined` when none has. */
  #holdsSinceMs: number | undefined = undefined;
  /** A pending Node timer holds on to the context that armed it: this one, and no request's. */
  readonly #context = new AsyncResource('SessionActivityClock');

  constructor(clock: Clock) {
    this.clock = clock;
  }

  at(nowMs: number, delayMs: number): Alarm {
    const dueMs = nowMs + delayMs;
    const slot = Math.floor(dueMs);
    // A fake timer may be dropped without a word by whoever made it, so none is shared.
    if (areTimersFake()) {
      return this.#arm(new Alarm(slot, dueMs), delayMs, ({ first }) => first?.fire(this.clock.now()));
    }
    let alarm = this.#shared.get(slot);
    if (alarm === undefined || alarm.ringsByMs < dueMs) {
      const armedAtMs = this.clock.now();
      // The first is as near to what it is armed for as can be. Where that is too early for another, the next is for all.
      const byMs = alarm === undefined ? dueMs : slot + 1;
      // Node takes less than 1 for 1, and newer versions warn of a negative delay.
      const wholeMs = Math.max(1, Math.ceil(byMs - armedAtMs));
      alarm = this.#arm(new Alarm(slot, armedAtMs + wholeMs), wholeMs, this.#ring.bind(this));
      this.#shared.set(slot, alarm);
    }
    return alarm;
  }

  clear(alarm: Alarm): void {
    clearTimeout(alarm.timeout);
    // If another one is shared by now, that one is only shared no more.
    this.#shared.delete(alarm.slot);
  }

  #arm(alarm: Alarm, delayMs: number, onRing: (alarm: Alarm) => void): Alarm {
    alarm.timeout = this.#setTimeout(setTimeout, () => onRing(alarm), Math.min(Math.ceil(delayMs), MAX_DELAY_MS));
    return alarm;
  }

  #ring(alarm: Alarm): void {
    const { slot, first } = alarm;
    this.#shared.delete(slot);
    alarm.first = undefined;
    if (first !== undefined) this.#rung.append(first);
    if (!this.#isToGoOn) this.#fireRung();
  }

  #fireRung(): void {
    this.#isToGoOn = false;
    const holdsSinceMs = (this.#holdsSinceMs ??= this.#hold());
    for (let timer = this.#rung.first; timer !== undefined; timer = this.#rung.first) {
      const nowMs = this.clock.now();
      if (nowMs - holdsSinceMs >= MAX_HOLD_MS) {
        this.#isToGoOn = true;
        this.#setTimeout(nodeSetTimeout, () => this.#fireRung(), 1);
        return;
      }
      timer.fire(nowMs);
    }
  }

  /** Immediates run before the timers of the next turn, and this one keeps no process alive. */
  #hold(): number {
    nodeSetImmediate(() => {
      this.#holdsSinceMs = undefined;
    }).unref();
    return this.clock.now();
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
