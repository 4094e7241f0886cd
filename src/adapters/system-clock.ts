import { AsyncResource } from 'node:async_hooks';
import type { Clock, Timer } from '../ports/clock.js';

/**
 * The global `performance.now()` and `setTimeout`, looked up at each call, so that fake timers work with a clock that was
 * made before them.
 *
 * A timer never keeps the process alive where timers can be `unref`'d, and works where they cannot: a timer may be a number,
 * as in jsdom. Node's timers can fire up to 1 ms early.
 *
 * A timer's callback runs in the async context in which `createTimer` was called, and a pending timer holds no other: no
 * request's `AsyncLocalStorage` leaks into the heartbeats that its work causes.
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
  /** What the pending schedule calls. */
  #fire: (() => void) | undefined = undefined;

  constructor(callback: () => void) {
    super('SessionActivityTimer');
    this.#callback = callback;
  }

  schedule(delayMs: number): void {
    this.cancel();
    const fire = (): void => {
      // `clearTimeout` does not clear a timer that was made before fake timers came or went.
      if (fire !== this.#fire) return;
      this.#fire = undefined;
      this.runInAsyncScope(this.#callback);
    };
    this.#fire = fire;
    this.#timeout = this.runInAsyncScope(() => setTimeout(fire, Math.ceil(delayMs)));
    (this.#timeout as { unref?: () => void }).unref?.();
  }

  cancel(): void {
    this.#fire = undefined;
    try {
      clearTimeout(this.#timeout);
    } catch {
      // Fake timers may refuse a timer that is not theirs. It is void all the same.
    }
  }
}
