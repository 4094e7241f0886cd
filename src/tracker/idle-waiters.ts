import { assertKnownNames, assertMethods } from '../validate.js';
import type { PlatformAbortSignal } from './abort-signal.js';
import { quietly } from './thenable.js';

/** How long to wait until nothing runs. */
export interface WhenIdleOptions {
  /** Ends the waiting when it is aborted. */
  readonly signal?: PlatformAbortSignal | undefined;
}

/** Those who wait until nothing runs. */
export class IdleWaiters {
  readonly #waiters = new Set<() => void>();

  /** Lets all of them go on. */
  release(): void {
    const released = [...this.#waiters];
    this.#waiters.clear();
    for (const goOn of released) goOn();
  }

  /**
   * Waits for the next `release`, unless nothing runs already.
   *
   * @throws the signal's reason when it is aborted first; TypeError for an unknown option or a signal that is none.
   */
  async wait(options: WhenIdleOptions, isIdle: () => boolean): Promise<void> {
    assertKnownNames('options', options, ['signal']);
    const { signal } = options;
    if (signal !== undefined) assertMethods('signal', signal, 'addEventListener', 'removeEventListener');
    if (signal?.aborted) throw signal.reason as Error;
    if (isIdle()) return;
    await new Promise<void>((resolve, reject) => {
      const goOn = (): void => {
        resolve();
        // Later: the signal may be the caller's own code, which is not to be called in the middle of a stop.
        if (signal) queueMicrotask(() => quietly(() => signal.removeEventListener('abort', onAbort)));
      };
      const onAbort = (): void => {
        this.#waiters.delete(goOn);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(goOn);
    });
  }
}
