import { AsyncResource } from 'node:async_hooks';
import { setImmediate as nodeSetImmediate, setTimeout as nodeSetTimeout } from 'node:timers';
import type { Clock } from '../ports/clock.js';

/** The longest delay a Node timer takes: a longer one fires after 1 ms. */
const MAX_DELAY_MS = 2_147_483_647;

/** For how long a clock goes on firing timers in one turn of the event loop: after a standstill many are due at once. */
const MAX_HOLD_MS = 5;

/** A timer as those see it that have it fire. */
export interface RingTimer {
  /** Its neighbours in its ring: itself while it is alone, or in none. */
  prev: RingTimer;
  next: RingTimer;
  /** The ring whose first it is. */
  leads: Ring | undefined;

  fire(nowMs: number): void;
}

/** @returns the ring that `timer` leaves empty, if it does. */
export function leave(timer: RingTimer): Ring | undefined {
  const { prev, next, leads } = timer;
  if (next === timer && leads === undefined) return undefined;
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
export class Ring {
  first: RingTimer | undefined = undefined;

  /** Takes in a timer that is in no ring, or the whole circle that it is the first of and that no ring has any more. */
  append(timer: RingTimer): void {
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
export class Alarm extends Ring {
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
export class Alarms {
  /** Read by its `now` alone, which a class that extends it may have replaced. */
  readonly clock: Clock;
  readonly #shared = new Map<number, Alarm>();
  /** The one shared last, for timers that fire together are mostly due together again. */
  #latest: Alarm | undefined = undefined;
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
    let alarm = this.#latest?.slot === slot ? this.#latest : this.#shared.get(slot);
    if (alarm === undefined || alarm.ringsByMs < dueMs) {
      const armedAtMs = this.clock.now();
      // The first is as near to what it is armed for as can be. Where that is too early for another, the next is for all.
      const byMs = alarm === undefined ? dueMs : slot + 1;
      // Node takes less than 1 for 1, and newer versions warn of a negative delay.
      const wholeMs = Math.max(1, Math.ceil(byMs - armedAtMs));
      alarm = this.#arm(new Alarm(slot, armedAtMs + wholeMs), wholeMs, this.#ring.bind(this));
      this.#shared.set(slot, alarm);
    }
    this.#latest = alarm;
    return alarm;
  }

  clear(alarm: Alarm): void {
    clearTimeout(alarm.timeout);
    // If another one is shared by now, that one is only shared no more.
    this.#unshare(alarm);
  }

  #unshare({ slot }: Alarm): void {
    this.#shared.delete(slot);
    if (this.#latest?.slot === slot) this.#latest = undefined;
  }

  #arm(alarm: Alarm, delayMs: number, onRing: (alarm: Alarm) => void): Alarm {
    alarm.timeout = this.#setTimeout(setTimeout, () => onRing(alarm), Math.min(Math.ceil(delayMs), MAX_DELAY_MS));
    return alarm;
  }

  #ring(alarm: Alarm): void {
    const { first } = alarm;
    this.#unshare(alarm);
    alarm.first = undefined;
    if (first !== undefined) this.#rung.append(first);
    if (!this.#isToGoOn) this.#fireRung();
  }

  #fireRung(): void {
    this.#isToGoOn = false;
    for (let timer = this.#rung.first; timer !== undefined; timer = this.#rung.first) {
      const nowMs = this.clock.now();
      this.#holdsSinceMs ??= this.#hold(nowMs);
      if (nowMs - this.#holdsSinceMs >= MAX_HOLD_MS) {
        this.#isToGoOn = true;
        this.#setTimeout(nodeSetTimeout, () => this.#fireRung(), 1);
        return;
      }
      timer.fire(nowMs);
    }
  }

  /** Immediates run before the timers of the next turn, and this one keeps no process alive. */
  #hold(nowMs: number): number {
    nodeSetImmediate(() => {
      this.#holdsSinceMs = undefined;
    }).unref();
    return nowMs;
  }

  #setTimeout(arm: typeof setTimeout, callback: () => void, delayMs: number): NodeJS.Timeout {
    const timeout = this.#context.runInAsyncScope(arm, undefined, callback, delayMs);
    timeout.unref();
    return timeout;
  }
}

/** Whether someone has replaced the global `setTimeout`, and with it maybe the time. */
export function areTimersFake(): boolean {
  return setTimeout !== nodeSetTimeout;
}
