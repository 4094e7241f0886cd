import type { Cleanup, CleanupRegistry } from '../ports/cleanup-registry.js';
import { assertFunction } from '../validate.js';

/** A registry whose cleanups a test runs itself. */
export class ManualCleanupRegistry implements CleanupRegistry {
  readonly #cleanups = new Set<{ readonly run: Cleanup }>();

  /** How many cleanups are registered. */
  get size(): number {
    return this.#cleanups.size;
  }

  register(cleanup: Cleanup): () => void {
    assertFunction('cleanup', cleanup);
    const entry = { run: cleanup };
    this.#cleanups.add(entry);
    return () => {
      this.#cleanups.delete(entry);
    };
  }

  /**
   * Runs each cleanup once, synchronously. One that throws does not stop the others. One that is unregistered before
   * its turn is not run; one that is registered meanwhile waits for the next call.
   *
   * @throws AggregateError with the error of each cleanup that threw.
   */
  runAll(): void {
    const errors: unknown[] = [];
    for (const entry of [...this.#cleanups]) {
      if (!this.#cleanups.delete(entry)) continue;
      try {
        entry.run();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} cleanups failed`);
  }
}
