import type { Cleanup, CleanupRegistry } from '../ports/cleanup-registry.js';

/** A registry whose cleanups a test runs itself. */
export class ManualCleanupRegistry implements CleanupRegistry {
  readonly #cleanups = new Set<{ readonly run: Cleanup }>();

  /** How many cleanups are registered. */
  get size(): number {
    return this.#cleanups.size;
  }

  register(cleanup: Cleanup): () => void {
    const entry = { run: cleanup };
    this.#cleanups.add(entry);
    return () => {
      this.#cleanups.delete(entry);
    };
  }

  /** Runs each cleanup once, synchronously. */
  runAll(): void {
    for (const entry of this.#cleanups) {
      this.#cleanups.delete(entry);
      entry.run();
    }
  }
}
