import { IdleWaiters, type WhenIdleOptions } from '../tracker/idle-waiters.js';
import type { KeepaliveCounts } from '../tracker/keepalive-sender.js';
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
  /** How many beats came late by a tenth of their session's interval or more. */
  readonly lateHeartbeats: number;
}

const NOTHING: HubTotals = {
  keepalives: { sent: 0, failed: 0, skipped: 0, withheld: 0, unsent: 0 },
  lateHeartbeats: 0,
};

/**
 * The sessions of one host: who is busy, and since when. Holds no timer. A start or stop costs it nothing unless it
 * makes a session busy or idle.
 *
 * @example
 * ```ts
 * const hub = new SessionActivityHub();
 * const remove = hub.add('session-1', tracker);
 * await hub.whenIdle({ signal: AbortSignal.timeout(10_000) });
 * ```
 */
export class SessionActivityHub implements Iterable<HubSession> {
  readonly #trackers = new Map<string, HubTracker>();
  /** In the order in which they became busy. */
  readonly #busy = new Map<string, HubTracker>();
  readonly #waiters = new IdleWaiters();
  /** What the sessions that were taken out have counted, less what those that are in had counted before. */
  #base = NOTHING;

  /** How many sessions there are. */
  get size(): number {
    return this.#trackers.size;
  }

  /** How many sessions run something. */
  get busyCount(): number {
    return this.#busy.size;
  }

  /**
   * Adds a session.
   *
   * @param sessionId - names it in this hub alone.
   * @param tracker - becomes observed by this hub until it is taken out.
   * @returns the function that takes it out. A second call does nothing.
   * @throws TypeError when `sessionId` is not a non-empty string or `tracker` is none; Error when the id is in use or
   * the tracker is observed already. Nothing is added then.
   */
  add(sessionId: string, tracker: HubTracker): () => void {
    assertNonEmptyString('sessionId', sessionId);
    assertMethods('tracker', tracker, 'observe', 'snapshot');
    if (this.#trackers.has(sessionId)) throw new Error(`Session id ${JSON.stringify(sessionId)} is in use`);
    const before = tracker.snapshot();
    const ignore = tracker.observe((state) => this.#note(sessionId, tracker, state === 'busy'));
    this.#trackers.set(sessionId, tracker);
    this.#base = sum(this.#base, before, -1);
    this.#note(sessionId, tracker, before.refcount > 0);
    let added = true;
    return () => {
      if (!added) return;
      added = false;
      ignore();
      this.#trackers.delete(sessionId);
      this.#note(sessionId, tracker, false);
      this.#base = sum(this.#base, tracker.snapshot());
    };
  }

  /** Every session's id and snapshot: those that have been busy for longest first, idle ones last. */
  sessions(): HubSession[] {
    const idle = [...this.#trackers].filter(([sessionId]) => !this.#busy.has(sessionId));
    // Asked from the last: the time that the asking takes makes none look older than one that became busy before it.
    const sessions = [...this.#busy, ...idle]
      .reverse()
      .map(([sessionId, tracker]) => ({ sessionId, snapshot: tracker.snapshot() }));
    return sessions.reverse().sort((a, b) => (b.snapshot.busyMs ?? -1) - (a.snapshot.busyMs ?? -1));
  }

  /** Iterates over what {@link sessions} gives. */
  [Symbol.iterator](): Iterator<HubSession> {
    return this.sessions().values();
  }

  /**
   * Counts since the hub was made, over all sessions, those that were taken out included.
   *
   * @param sessions - what {@link SessionActivityHub.sessions} has just given, to save taking it again.
   */
  totals(sessions: readonly HubSession[] = this.sessions()): HubTotals {
    return sessions.reduce((totals, { snapshot }) => sum(totals, snapshot), this.#base);
  }

  /**
   * Resolves when no session runs anything: at once if so already, and also where work begins again at once, as
   * between two activities of one task. Such a task holds an activity of its own while it lasts.
   *
   * @returns a promise that rejects with `signal.reason` when the signal is aborted first, and with a TypeError for an
   * unknown option or a signal that is none.
   */
  whenIdle(options: WhenIdleOptions = {}): Promise<void> {
    return this.#waiters.wait(options, () => this.#busy.size === 0);
  }

  #note(sessionId: string, tracker: HubTracker, busy: boolean): void {
    if (busy) this.#busy.set(sessionId, tracker);
    else if (this.#busy.delete(sessionId) && this.#busy.size === 0) this.#waiters.release();
  }
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
