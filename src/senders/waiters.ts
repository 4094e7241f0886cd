/**
 * Sends that wait for the same event. However many wait, one listener is enough; a send that is aborted leaves nothing
 * behind.
 */
export class Waiters {
  readonly #wakes = new Set<() => void>();
  readonly #listen: () => void;
  readonly #unlisten: () => void;

  /**
   * @param listen - called when the first send begins to wait. From then on the event must call `wake()`.
   * @param unlisten - called when none waits any more.
   */
  constructor(listen: () => void = () => undefined, unlisten: () => void = () => undefined) {
    this.#listen = listen;
    this.#unlisten = unlisten;
  }

  /** Resolves at the next `wake()`; rejects with the signal's reason when the signal is aborted first. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        this.#wakes.delete(wake);
        signal.removeEventListener('abort', onAbort);
        if (this.#wakes.size === 0) this.#unlisten();
      };
      const wake = (): void => {
        finish();
        resolve();
      };
      const onAbort = (): void => {
        finish();
        reject(signal.reason as Error);
      };
      this.#wakes.add(wake);
      if (this.#wakes.size === 1) this.#listen();
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  }

  /** Wakes every send that is waiting. */
  wake(): void {
    for (const wake of [...this.#wakes]) wake();
  }
}
