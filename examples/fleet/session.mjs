import { createSessionContainer, SessionActivityTracker } from 'session-activity-tracker';

/** One session of a host, with its own child container and tracker. It has a lease while it is busy. */
export class Session {
  #sessionId;
  #leases;
  #tracker;

  /**
   * @param {string} sessionId
   * @param {import('tsyringe').DependencyContainer} host its container, the parent of the session's
   * @param {import('./lease-keeper.mjs').LeaseKeeper} leases
   */
  constructor(sessionId, host, leases) {
    const container = createSessionContainer(host, { sessionId });
    this.#sessionId = sessionId;
    this.#leases = leases;
    this.#tracker = /** @type {SessionActivityTracker} */ (container.resolve(SessionActivityTracker));
    this.#tracker.registerCallback(({ signal }) => leases.refresh(sessionId, signal));
  }

  /**
   * Works. The last work to end gives the lease up.
   *
   * @param {() => Promise<void>} work
   */
  async run(work) {
    const done = this.#tracker.run('tool_exec', work);
    // The first beat is an interval away: until then nobody would miss the session if its host died.
    this.#tracker.sendSignal();
    try {
      await done;
    } finally {
      if (this.#tracker.snapshot().refcount === 0) this.#leases.release(this.#sessionId);
    }
  }
}
