import type { ActivityCounts } from '../ports/keepalive.js';
import type { SessionActivityTracker } from '../tracker/session-activity-tracker.js';
import type { SessionActivitySnapshot } from '../tracker/snapshot.js';
import { invalid } from '../validate.js';
import { type SessionActivityHub, smallestIdleMs } from './session-activity-hub.js';

/** Whose status is asked for: a tracker, whatever its reasons are, or a hub. */
export type ActivitySource = Pick<SessionActivityTracker<string>, 'snapshot'> | Pick<SessionActivityHub, 'sessions'>;

/** Whether a session or a host is at work: a plain object, ready for JSON. */
export interface ActivityStatus {
  /** `'busy'` while an activity runs that is not overdue. */
  readonly status: 'busy' | 'idle';
  /** How many sessions there are: 1 for a tracker, or 0 once it is disposed. */
  readonly sessions: number;
  /** How many of them run an activity that is not overdue. */
  readonly busySessions: number;
  /** How many activities are running, by reason, overdue ones included. */
  readonly active: ActivityCounts;
  /** The age in ms of the oldest busy period among the busy sessions, or `null` when the status is `'idle'`. */
  readonly busyMs: number | null;
  /**
   * The time in ms since the last activity stopped, or since the tracker was created if none ever ran. `null` while any
   * activity runs, overdue or not, and without a session.
   */
  readonly idleMs: number | null;
}

/**
 * The status of a tracker or a hub, for a platform or a dashboard that polls it.
 *
 * A session whose running activities are all overdue counts as idle, so that work that hangs does not keep a container
 * alive.
 *
 * @throws TypeError when `source` is neither a tracker nor a hub.
 *
 * @example
 * ```ts
 * app.get('/status', (request, response) => response.json(activityStatus(hub)));
 * ```
 */
export function activityStatus(source: ActivitySource): ActivityStatus {
  const snapshots = snapshotsOf(source).filter(({ state }) => state !== 'disposed');
  const busy = snapshots.filter(({ refcount, overdue }) => refcount > overdue);
  return {
    status: busy.length > 0 ? 'busy' : 'idle',
    sessions: snapshots.length,
    busySessions: busy.length,
    active: countByReason(snapshots),
    // A hub gives the session that has been busy for longest first.
    busyMs: busy[0]?.busyMs ?? null,
    idleMs: smallestIdleMs(snapshots),
  };
}

/** Throws unless `source` is a tracker or a hub. */
export function assertSource(source: unknown): void {
  if (!isHub(source) && !hasMethod(source, 'snapshot'))
    throw invalid(TypeError, 'source', 'a tracker or a hub', source);
}

function snapshotsOf(source: ActivitySource): SessionActivitySnapshot[] {
  assertSource(source);
  return isHub(source) ? source.sessions().map(({ snapshot }) => snapshot) : [source.snapshot()];
}

function isHub(source: unknown): source is Pick<SessionActivityHub, 'sessions'> {
  return hasMethod(source, 'sessions');
}

function hasMethod(source: unknown, name: string): boolean {
  return typeof (source as Readonly<Record<string, unknown>> | null | undefined)?.[name] === 'function';
}

function countByReason(snapshots: readonly SessionActivitySnapshot[]): ActivityCounts {
  const counts = new Map<string, number>();
  for (const { active } of snapshots) {
    // A reason with no running activity has no entry, which the type of a partial record cannot express.
    const entries = Object.entries(active as Readonly<Record<string, number>>);
    for (const [reason, count] of entries) counts.set(reason, (counts.get(reason) ?? 0) + count);
  }
  // `fromEntries` defines its properties, so that a reason called `__proto__` counts like any other.
  return Object.fromEntries(counts);
}
