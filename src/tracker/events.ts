import type { DiagnosticsData, DiagnosticsLevel, DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import { ignoreRejection } from './thenable.js';

/** How many activities run, by reason. A reason with none has no entry. */
export type ActivityCounts<Reason extends string = string> = Readonly<Partial<Record<Reason, number>>>;

/** Why a send failed. */
export type KeepaliveOutcome = 'error' | 'timeout';

/**
 * Every diagnostic event of a tracker as the arguments of the logger's `log`: level, name, data.
 * A stable interface that log pipelines parse. Ages are whole milliseconds.
 */
export type SessionActivityEvent =
  | ['debug', 'session_keepalive_heartbeat', HeartbeatData]
  | ['info', IdleEventName]
  | ['info', 'session_activity_at_shutdown', ShutdownData]
  | ['warn', 'session_activity_unmatched_stop', UnmatchedStopData]
  | ['warn', 'session_activity_overdue', OverdueData]
  | ['warn', 'session_keepalive_failed', SendFailedData]
  | ['info', 'session_keepalive_recovered', SendRecoveredData]
  | ['warn', 'session_keepalive_late', LateHeartbeatData];

// Type aliases, because an interface is not assignable to the data that a logger takes.

/** A heartbeat. It is logged whether or not a keep-alive is then sent. */
export type HeartbeatData = Readonly<{
  /** How many activities run, at least 1. */
  refcount: number;
}>;

/** What was still running at shutdown. */
export type ShutdownData = Readonly<{
  /** How many activities ran: the sum of `active`, and 0 when all work had ended. */
  refcount: number;
  /** How many activities ran, by reason. */
  active: ActivityCounts;
  /** The age of the busy period in whole ms, also when the activity that began it is over; `null` when nothing ran. */
  oldest_activity_ms: number | null;
}>;

/** A stop that found nothing to stop. */
export type UnmatchedStopData = Readonly<{
  /** The reason of which no activity ran. */
  reason: string;
}>;

/** An activity that has run for longer than `maxActivityMs`. It is reported once. */
export type OverdueData = Readonly<{
  /** What the activity was started for. */
  reason: string;
  /** Its age in whole ms at the heartbeat that found it overdue. */
  held_ms: number;
}>;

/** The first failed send after a success, or of all. Those that follow it in a row are not logged. */
export type SendFailedData = Readonly<{
  /** `'timeout'` when the send was given up after `sendTimeoutMs`, `'error'` when it threw or rejected. */
  outcome: KeepaliveOutcome;
  /** The error's `code` if it matches `[A-Z][A-Z0-9_]{0,63}`, else `null`. Nothing else of an error is logged. */
  error_code: string | null;
}>;

/** The first successful send after a failure. */
export type SendRecoveredData = Readonly<{
  /** How many sends in a row had failed before it, at least 1. */
  failures: number;
}>;

/** A heartbeat that came late by a tenth of the interval or more. */
export type LateHeartbeatData = Readonly<{
  /** The time from when it was due to when it came, in whole ms. */
  late_ms: number;
}>;

/** `session_idle_30s`: the idle event's name carries its threshold. */
export type IdleEventName = `session_idle_${number}${'s' | 'ms'}`;

export function idleEventName(idleAfterMs: number): IdleEventName {
  return idleAfterMs % 1000 === 0 ? `session_idle_${idleAfterMs / 1000}s` : `session_idle_${idleAfterMs}ms`;
}

/** A logger may be asynchronous, whatever its type says. */
interface AnyLogger {
  log(...args: Parameters<DiagnosticsLogger['log']>): unknown;
}

/** Logs an event. Nothing that a logger does gets back in. */
export function report(logger: AnyLogger, ...event: SessionActivityEvent): void;
// Written without the rest parameter, which would be made into an array at every beat.
export function report(logger: AnyLogger, level: DiagnosticsLevel, name: string, data?: DiagnosticsData): void {
  try {
    ignoreRejection(data === undefined ? logger.log(level, name) : logger.log(level, name, data));
  } catch {
    // A logger's own trouble.
  }
}
