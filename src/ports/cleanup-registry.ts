/** Work to be done at shutdown. A promise is waited for by whoever runs it. */
export type Cleanup = () => unknown;

/**
 * What the host runs at shutdown.
 */
export interface CleanupRegistry {
  /**
   * Keeps `cleanup` until the host runs it.
   *
   * @returns a function that takes the cleanup back, so that a session that ended is not held by the registry.
   */
  register(cleanup: Cleanup): () => void;
}
