import { AsyncResource } from 'node:async_hooks';
import type { Clock, Timer } from '../ports/clock.js';

/** The longest delay a Node timer takes: a longer one fires after 1 ms. */
const MAX_DELAY_MS = 2_147_483_647;

/**
 * `performance.now()` and Node timers.
 *
 * A timer never keeps the process alive. Its callback runs in the async context in which `createTimer` was called, so
 * that no request's `AsyncLocalStorage` leaks into the heartbeats that the request's work causes.
 *
 * The globals are looked up at each call, so that fake timers that replace them work.
 *
 * @see https://nodejs.org/api/async_context.html#class-asyncresource
 */
export class SystemClock implements Clock {
  now(): number {
    return performance.now();
  }

  createTimer(callback: () => void): Timer {
    return new SystemTimer(callback);
  }
}

class SystemTimer extends AsyncResource implements Timer {
  readonly #callback: () => void;
  #timeout: ReturnType<typeof setTimeout> | undefined = undefined;

  constructor(callback: () => void) {
    super('SessionActivityTimer');
    this.#callback = callback;
  }

  schedule(delayMs: number): void {
    clearTimeout(this.#timeout);
    // Armed, not only fired, in this timer's own context: a pending Node timer holds on to the one that armed it.
    this.#timeout = this.runInAsyncScope(
      setTimeout,
      undefined,
      this.#callback,
      Math.min(Math.ceil(delayMs), MAX_DELAY_MS),
    );
    this.#timeout.unref();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }
}
