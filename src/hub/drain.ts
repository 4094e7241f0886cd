import { assertDuration, assertKnownNames, assertMethods } from '../validate.js';
import type { HubSession, SessionActivityHub } from './session-activity-hub.js';

/** What {@link drain} needs of a hub. */
export type DrainableHub = Pick<SessionActivityHub, 'busyCount' | 'sessions' | 'whenIdle'>;

/** How long to wait. */
export interface DrainOptions {
  /** The longest time to wait, in ms: from 1 to 2 147 483 647. */
  readonly timeoutMs: number;
}

/**
 * Waits until no session of the hub runs anything, or the time runs out. Overdue activities are waited for too. Keeps
 * the process alive meanwhile, and no longer.
 *
 * Stop accepting new work first.
 *
 * @returns the sessions that still run something, those that have been busy for longest first. Empty unless the time
 * ran out. The promise rejects with a TypeError when `hub` is no hub, for an unknown option, or when `timeoutMs` is not
 * a number; with a RangeError when it is out of range.
 *
 * @example
 * ```ts
 * process.once('SIGTERM', async () => {
 *   server.close();
 *   for (const { sessionId, snapshot } of await drain(hub, { timeoutMs: 10_000 })) console.log(sessionId, snapshot.active);
 *   await cleanup.runAll();
 * });
 * ```
 */
export async function drain(hub: DrainableHub, options: DrainOptions): Promise<HubSession[]> {
  assertMethods('hub', hub, 'sessions', 'whenIdle');
  assertKnownNames('options', options, ['timeoutMs']);
  const { timeoutMs } = options;
  assertDuration('timeoutMs', timeoutMs);
  const timeUp = new AbortController();
  const timer = setTimeout(() => timeUp.abort(), timeoutMs);
  try {
    // Work may have begun again since the idle moment that resolved `whenIdle`.
    while (hub.busyCount > 0) await hub.whenIdle({ signal: timeUp.signal });
  } catch {
    // The time ran out.
  } finally {
    clearTimeout(timer);
  }
  return hub.sessions().filter(({ snapshot }) => snapshot.refcount > 0);
}
