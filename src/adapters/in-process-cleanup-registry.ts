import type { Cleanup, CleanupRegistry } from '../ports/cleanup-registry.js';
import { assertFunction } from '../validate.js';

/**
 * Keeps cleanups until the host runs them. It installs no signal handler: the host calls `runAll()` from its own.
 */
export class InProcessCleanupRegistry implements CleanupRegistry {
  /** Keyed by the function that unregisters it, so the same cleanup can be registered twice. */
  readonly #cleanups = new Map<() => void, Cleanup>();
  readonly #running = new Set<Promise<unknown>>();

  /**
   * Keeps `cleanup` until it is run. The same function may be registered more than once.
   *
   * @throws TypeError when it is not a function.
   */
  register(cleanup: Cleanup): () => void {
    assertFunction('cleanup', cleanup);
    const unregister = (): void => {
      this.#cleanups.delete(unregister);
    };
    this.#cleanups.set(unregister, cleanup);
    return unregister;
  }

  /**
   * Runs every cleanup once, all at the same time, and waits for all that are running, also from an earlier call. A
   * cleanup that fails does not stop the others. One that is unregistered before its turn is not run; one that is
   * registered meanwhile waits for the next call. There is no time limit: bound it yourself. A cleanup that awaits this
   * call deadlocks.
   *
   * @throws AggregateError with the error of each cleanup that threw or rejected.
   */
  async runAll(): Promise<void> {
    for (const [unregister, cleanup] of [...this.#cleanups]) {
      if (this.#cleanups.delete(unregister)) this.#run(cleanup);
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
