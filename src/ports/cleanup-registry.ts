/** Work to do at shutdown. If it returns a promise, whoever runs it waits for that. */
export type Cleanup = () => unknown;

/** The work that the host runs at shutdown. */
export interface CleanupRegistry {
  /**
   * Keeps `cleanup` until the host runs it.
   *
   * @returns a function that unregisters the cleanup, so that the registry does not retain an ended session.
   */
  register(cleanup: Cleanup): () => void;
}
