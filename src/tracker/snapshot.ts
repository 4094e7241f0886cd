import type { ActivityCounts } from '../ports/keepalive.js';
import type { KeepaliveCounts } from './events.js';
import type { SessionState } from './state-observers.js';

/** The state of a tracker at one moment. Frozen. Times are whole milliseconds, and `null` after `dispose`. */
export interface SessionActivitySnapshot<Reason extends string = string> {
  /** Whether it is busy, quiet, idle or disposed. */
  readonly state: SessionState;
  /** Whether a sender is registered. */
  readonly tracking: boolean;
  /** How many activities are running. */
  readonly refcount: number;
  /** How many activities are running, by reason. */
  readonly active: ActivityCounts<Reason>;
  /** The age of the busy period, or `null` when nothing runs. */
  readonly busyMs: number | null;
  /**
   * The time since the last activity stopped, or since the tracker was created if none ever ran; `null` while something
   * runs.
   */
  readonly idleMs: number | null;
  /** The age of the oldest running activity, or `null` when nothing runs. */
  readonly oldestActivityMs: number | null;
  /** The time until the next heartbeat, or `null` when none is due. */
  readonly nextHeartbeatMs: number | null;
  /** How many running activities are past `maxActivityMs` or `maxSilenceMs`. */
  readonly overdue: number;
  /** How many heartbeats came late by a tenth of the interval or more. */
  readonly lateHeartbeats: number;
  /** What became of the keep-alives. */
  readonly keepalives: KeepaliveCounts;
}
