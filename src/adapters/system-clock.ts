import { AsyncResource } from 'node:async_hooks';
import type { Clock, Timer } from '../ports/clock.js';
import { assertFunction } from '../validate.js';

/** The longest delay that Node takes: a longer one fires after 1 ms. */
const MAX_DELAY_MS = 2_147_483_647;

/** Rounding adds less than this to a delay, as in 30,000.000000000004 ms. */
const ROUNDING_NOISE_MS = 0.001;

/**
 * The global `performance.now()` and `setTimeout`, looked up at each call, so that fake timers work with a clock that
 * was made before them.
 *
 * A timer never keeps the process alive where timers can be `unref`'d, and works where they cannot: a timer may be a
 * number, as in jsdom. Node's timers can fire up to 1 ms early.
 *
 * A timer's callback runs in the async context in which `createTimer` was called, and a pending timer holds no other:
 * no request's `AsyncLocalStorage` leaks into the heartbeats that its work causes.
 *
 * @see https://nodejs.org/api/async_context.html#class-asyncresource
 */
export class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  /** @throws TypeError when `callback` is not a function. */
  createTimer(callback: () => void): Timer {
    assertFunction('callback', callback);
    return new SystemTimer(callback);
  }
}

class SystemTimer extends AsyncResource implements Timer {
  readonly #callback: () => void;
  #timeout: ReturnType<typeof setTimeout> | undefined = undefined;
  /** Numbers the schedules: one that `clearTimeout` could not clear, because fakes came or went, is out of date. */
  #current = 0;

  constructor(callback: () => void) {
    super('SessionActivityTimer');
    this.#callback = callback;
  }

  schedule(delayMs: number): void {
    const onTimeout = this.onTimeout.bind(this, this.#current + 1);
    const wholeMs = Math.min(Math.ceil(delayMs - ROUNDING_NOISE_MS), MAX_DELAY_MS);
    // First, so that the earlier schedule stays if this throws.
    const timeout: ReturnType<typeof setTimeout> | undefined = this.runInAsyncScope(() =>
      setTimeout(onTimeout, wholeMs),
    );
    this.cancel();
    this.#timeout = timeout;
    (timeout as { unref?: () => void } | undefined)?.unref?.();
  }

  cancel(): void {
    this.#current++;
    try {
      clearTimeout(this.#timeout);
    } catch {
      // Fake timers may refuse a timer that is not theirs. It is void all the same.
    }
  }

  private onTimeout(schedule: number): void {
    if (schedule !== this.#current) return;
    this.#current++;
    this.runInAsyncScope(this.#callback);
  }
}
