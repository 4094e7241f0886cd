import type { TrackerOptions } from '../tracker/options.js';
import { type SessionActivityReason, SessionActivityTracker } from '../tracker/session-activity-tracker.js';
import { ManualCleanupRegistry } from './manual-cleanup-registry.js';
import { ManualClock } from './manual-clock.js';
import { RecordingDiagnosticsLogger } from './recording-diagnostics-logger.js';
import { SwitchableKeepaliveGate } from './switchable-keepalive-gate.js';

/** A tracker and its test doubles, named as the constructor names them. */
export interface TestTracker<Reason extends string> {
  /** The tracker under test. It has no sender yet. */
  readonly tracker: SessionActivityTracker<Reason>;
  /** Its time passes only when a test advances it. */
  readonly clock: ManualClock;
  /** Records every event of this tracker, in order. */
  readonly diagnostics: RecordingDiagnosticsLogger;
  /** Open until it is closed. */
  readonly gate: SwitchableKeepaliveGate;
  /** Holds the shutdown report from the first `start` on, until it is run or the tracker is disposed. */
  readonly cleanup: ManualCleanupRegistry;
}

/**
 * Creates a tracker with test doubles of its own. The gate is open.
 *
 * @throws TypeError or RangeError for bad options, as the tracker's constructor does.
 *
 * @example
 * ```ts
 * const { tracker, clock } = createTestTracker({ intervalMs: 1_000 });
 * let sent = 0;
 * tracker.registerCallback(() => sent++);
 * tracker.start('tool_exec');
 * clock.advance(3_000); // sent is now 3
 * ```
 */
export function createTestTracker<Reason extends string = SessionActivityReason>(
  options?: TrackerOptions,
): TestTracker<Reason> {
  const clock = new ManualClock();
  const diagnostics = new RecordingDiagnosticsLogger();
  const gate = new SwitchableKeepaliveGate();
  const cleanup = new ManualCleanupRegistry();
  const tracker = new SessionActivityTracker<Reason>(clock, diagnostics, gate, cleanup, options);
  return { tracker, clock, diagnostics, gate, cleanup };
}
