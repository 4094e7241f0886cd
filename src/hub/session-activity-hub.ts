import { IdleWaiters, type WhenIdleOptions } from '../tracker/idle-waiters.js';
import type { KeepaliveCounts } from '../tracker/events.js';
import type { SessionActivityTracker } from '../tracker/session-activity-tracker.js';
import type { SessionActivitySnapshot } from '../tracker/snapshot.js';
import { assertMethods, assertNonEmptyString } from '../validate.js';

/** What a hub needs of a tracker, whatever its reasons are. */
export type HubTracker = Pick<SessionActivityTracker<string>, 'observe' | 'snapshot'>;

/** One session of a host, at one moment. */
export interface HubSession {
  /** The id that it was added with, unique in its hub. */
  readonly sessionId: string;
  /** Its tracker's state when the hub was asked. Frozen. */
  readonly snapshot: SessionActivitySnapshot;
}

/** What a hub's sessions have counted while they were in it. It never decreases. */
export interface HubTotals {
  /** What became of the keep-alives, each count summed over the sessions. */
  readonly keepalives: KeepaliveCounts;
  /** How many heartbeats came late by a tenth of their session's interval or more. */
  readonly lateHeartbeats: number;
}

const NOTHING: HubTotals = {
  keepalives: { sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 },
  lateHeartbeats: 0,
};

/**
 * The sessions of one host: which are busy, since when, and when none is. It has no timer, and is called only when the
 * state of a session changes.
 *
 * A session leaves the hub when its tracker is disposed. A tracker may be in several hubs.
 *
 * @example
 * ```ts
 * const hub = new SessionActivityHub();
 * const remove = hub.add('session-1', tracker);
 * for (const { sessionId, snapshot } of hub) console.log(sessionId, snapshot.busyMs);
 * ```
 */
export class SessionActivityHub implements Iterable<HubSession> {
  readonly #trackers = new Map<string, HubTracker>();
  /** In the order in which they became busy. */
  readonly #busy = new Map<string, HubTracker>();
  readonly #waiters = new IdleWaiters();
  /** The counts of the sessions that have left, less what those that are here had counted before they were added. */
  #base = NOTHING;

  /** How many sessions there are. */
  get size(): number {
    return this.#trackers.size;
  }

  /** How many sessions run something. */
  get busyCount(): number {
    return this.#busy.size;
  }

  /** The smallest `idleMs` of the sessions, in ms, or `null` while one is busy and when there is none. */
  get idleMs(): number | null {
    return smallestIdleMs(this.sessions().map(({ snapshot }) => snapshot));
  }

  /**
   * Adds a session in the state that its tracker is in.
   *
   * @param sessionId - its name in this hub.
   * @param tracker - observed by this hub until it is disposed or removed.
   * @returns the function that removes it. It does nothing once the session has left.
   * @throws TypeError when `sessionId` is not a non-empty string or `tracker` is not a tracker.
   * @throws Error when the id is in use or the tracker is disposed. Nothing is added then.
   */
  add(sessionId: string, tracker: HubTracker): () => void {
    assertNonEmptyString('sessionId', sessionId);
    assertMethods('tracker', tracker, 'observe', 'snapshot');
    if (this.#trackers.has(sessionId)) throw new Error(`Session id ${JSON.stringify(sessionId)} is in use`);
    const before = tracker.snapshot();
    if (before.state === 'disposed') {
      throw new Error(`The tracker of session ${JSON.stringify(sessionId)} is disposed`);
    }
    let isHere = true;
    const remove = (): void => {
      if (!isHere) return;
      isHere = false;
      unsubscribe();
      this.#trackers.delete(sessionId);
      this.#setBusy(sessionId, tracker, false);
      this.#base = sum(this.#base, tracker.snapshot());
    };
    const unsubscribe = tracker.observe((state) => {
      if (state === 'disposed') remove();
      else this.#setBusy(sessionId, tracker, state === 'busy');
    });
    this.#trackers.set(sessionId, tracker);
    this.#base = sum(this.#base, before, -1);
    this.#setBusy(sessionId, tracker, before.state === 'busy');
    return remove;
  }

  /** The id and snapshot of every session: the one that has been busy for longest first, idle ones last. */
  sessions(): HubSession[] {
    const idle = [...this.#trackers].filter(([sessionId]) => !this.#busy.has(sessionId));
    // The snapshots are taken from the last to the first: time passes meanwhile, and must not make a session look as if
    // it had been busy for longer than one that became busy before it.
    const sessions = [...this.#busy, ...idle]
      .reverse()
      .map(([sessionId, tracker]) => ({ sessionId, snapshot: tracker.snapshot() }));
    return sessions.reverse().sort((a, b) => (b.snapshot.busyMs ?? -1) - (a.snapshot.busyMs ?? -1));
  }

  /** Iterates over {@link sessions}. */
  [Symbol.iterator](): Iterator<HubSession> {
    return this.sessions().values();
  }

  /**
   * The counts of all sessions since the hub was made, including those that have left.
   *
   * @param sessions - what {@link SessionActivityHub.sessions} has just returned, to save taking the snapshots again.
   */
  totals(sessions: readonly HubSession[] = this.sessions()): HubTotals {
    return sessions.reduce((totals, { snapshot }) => sum(totals, snapshot), this.#base);
  }

  /**
   * Resolves when no session runs anything: at once if so already, even if only for a moment between two activities.
   * So a task of several steps should hold one activity throughout.
   *
   * Waiting does not keep the process alive. Before a shutdown, use `drain`.
   *
   * @returns a promise that rejects with `signal.reason` when the signal is aborted first, and with a TypeError for an
   * unknown option or for a `signal` that is no `AbortSignal`.
   */
  whenIdle(options: WhenIdleOptions = {}): Promise<void> {
    return this.#waiters.wait(options, () => this.#busy.size === 0);
  }

  #setBusy(sessionId: string, tracker: HubTracker, isBusy: boolean): void {
    if (isBusy) this.#busy.set(sessionId, tracker);
    else if (this.#busy.delete(sessionId) && this.#busy.size === 0) this.#waiters.release();
  }
}

/** The smallest `idleMs`, or `null` when one of them is `null` and when there are none. */
export function smallestIdleMs(snapshots: readonly SessionActivitySnapshot[]): number | null {
  let smallest: number | null = null;
  for (const { idleMs } of snapshots) {
    if (idleMs === null) return null;
    smallest = Math.min(smallest ?? idleMs, idleMs);
  }
  return smallest;
}

function sum(totals: HubTotals, { keepalives, lateHeartbeats }: HubTotals, times = 1): HubTotals {
  const { sent, failed, skipped, withheld, unsent } = totals.keepalives;
  return {
    keepalives: {
      sent: sent + times * keepalives.sent,
      failed: failed + times * keepalives.failed,
      skipped: skipped + times * keepalives.skipped,
      withheld: withheld + times * keepalives.withheld,
      unsent: unsent + times * keepalives.unsent,
    },
    lateHeartbeats: totals.lateHeartbeats + times * lateHeartbeats,
  };
}
