import { onAbort } from '../on-abort.js';
import { assertKnownNames, assertSignal } from '../validate.js';
import { ignoreErrors } from './ignore-errors.js';

/** How long to wait until nothing runs. */
export interface WhenIdleOptions {
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Callers that wait until nothing runs. */
export class IdleWaiters {
  readonly #waiters = new Set<() => void>();

  /** Resolves all of them. */
  release(): void {
    const released = [...this.#waiters];
    this.#waiters.clear();
    for (const resolve of released) resolve();
  }

  /**
   * Waits for the next `release`, unless nothing runs already.
   *
   * @throws the signal's reason when it is aborted first; TypeError for an unknown option or for a `signal` that is no
   * `AbortSignal`.
   */
  async wait(options: WhenIdleOptions, isIdle: () => boolean): Promise<void> {
    assertKnownNames('options', options, ['signal']);
    const { signal } = options;
    assertSignal('signal', signal);
    if (signal?.aborted) throw signal.reason as Error;
    if (isIdle()) return;
    await new Promise<void>((resolve, reject) => {
      const release = (): void => {
        resolve();
        ignoreErrors(removeListener);
      };
      const abort = (): void => {
        this.#waiters.delete(release);
        reject(signal?.reason as Error);
        ignoreErrors(removeListener);
      };
      const removeListener = signal ? onAbort(signal, abort) : () => undefined;
      this.#waiters.add(release);
    });
  }
}
