import type { ActivityCounts } from './events.js';
import type { KeepaliveCounts } from './keepalive-sender.js';

/** The state of a tracker at one moment. Frozen. Times are whole milliseconds. */
export interface SessionActivitySnapshot<Reason extends string = string> {
  /** Whether a sender is registered. */
  readonly tracking: boolean;
  /** How many activities run. */
  readonly refcount: number;
  /** How many activities run, by reason. */
  readonly active: ActivityCounts<Reason>;
  /** The age of the busy period, or `null` when nothing runs. */
  readonly busyMs: number | null;
  /** The age of the oldest running activity, or `null` when nothing runs. */
  readonly oldestActivityMs: number | null;
  /** The time until the next beat, or `null` when none is to come. */
  readonly nextHeartbeatMs: number | null;
  /** How many running activities are older than `maxActivityMs`. */
  readonly overdue: number;
  /** How many beats came late by a tenth of the interval or more. */
  readonly lateHeartbeats: number;
  /** What became of the keep-alives. */
  readonly keepalives: KeepaliveCounts;
}
