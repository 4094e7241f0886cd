import type { Cleanup, CleanupRegistry } from '../ports/cleanup-registry.js';
import { assertFunction } from '../validate.js';

/**
 * Keeps cleanups until the host runs them. It installs no signal handler: the host calls `runAll()` from its own.
 */
export class InProcessCleanupRegistry implements CleanupRegistry {
  /** By the function that takes it back, which tells two registrations of one cleanup apart. */
  readonly #cleanups = new Map<() => void, Cleanup>();
  readonly #running = new Set<Promise<unknown>>();

  /**
   * Keeps `cleanup`. The same function may be registered more than once.
   *
   * @throws TypeError when it is not a function.
   */
  register(cleanup: Cleanup): () => void {
    assertFunction('cleanup', cleanup);
    const takeBack = (): void => {
      this.#cleanups.delete(takeBack);
    };
    this.#cleanups.set(takeBack, cleanup);
    return takeBack;
  }

  /**
   * Runs every cleanup once, all at once, and waits for all that run, those of an earlier call included. One that was
   * taken back before its turn is not run, and what is registered meanwhile waits for the next call. One that fails
   * stops no other; one that never settles is for the caller to bound. A cleanup that waits for this call waits for
   * itself.
   *
   * @throws AggregateError with the error of each cleanup that threw or rejected.
   */
  async runAll(): Promise<void> {
    for (const [takeBack, cleanup] of [...this.#cleanups]) {
      if (this.#cleanups.delete(takeBack)) this.#run(cleanup);
    }
    const results = await Promise.allSettled(this.#running);
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} of ${results.length} cleanups failed`);
  }

  #run(cleanup: Cleanup): void {
    const run = (async () => await cleanup())();
    this.#running.add(run);
    const done = (): unknown => this.#running.delete(run);
    run.then(done, done);
  }
}
