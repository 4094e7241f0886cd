import type { DiagnosticsData, DiagnosticsLevel, DiagnosticsLogger } from '../ports/diagnostics-logger.js';
import type { ActivityCounts, KeepaliveTrigger } from '../ports/keepalive.js';
import { ignoreRejection } from './ignore-errors.js';

/** How a send failed: it threw or rejected, or it took too long. */
export type KeepaliveOutcome = 'error' | 'timeout';

/**
 * Why a keep-alive that was due was not sent: the gate was closed, every running activity was overdue, the last send
 * was still pending, or the sender had nothing to send on.
 */
export type NotSentCause = 'gate' | 'overdue' | 'pending' | 'transport';

/**
 * Every diagnostic event of a tracker, as the arguments of the logger's `log`: level, name, data. A stable interface
 * that log pipelines parse. Ages and times are whole milliseconds.
 */
export type SessionActivityEvent =
  | ['debug', 'session_keepalive_heartbeat', HeartbeatData]
  | ['info', IdleEventName]
  | ['info', 'session_activity_at_shutdown', ShutdownData]
  | ['info', 'session_keepalive_summary', KeepaliveSummaryData]
  | ['warn', 'session_activity_unmatched_stop', UnmatchedStopData]
  | ['warn', 'session_activity_overdue', OverdueData]
  | ['warn', 'session_keepalive_failed', SendFailedData]
  | ['info', 'session_keepalive_recovered', SendRecoveredData]
  | ['info', 'session_keepalive_not_sent', NotSentData]
  | ['warn', 'session_keepalive_late', LateHeartbeatData]
  | TraceEvent;

/** The events that are logged only with the option `trace`. */
export type TraceEvent =
  | ['debug', 'session_tracker_configured', ConfiguredData]
  | ['debug', 'session_activity_started', StartedData]
  | ['debug', 'session_activity_stopped', StoppedData]
  | ['debug', 'session_keepalive_sent', SentData]
  | ['debug', 'session_sender_registered']
  | ['debug', 'session_sender_removed'];

// Type aliases, because an interface is not assignable to the data that a logger takes.

/** A heartbeat. It is logged whether or not a keep-alive is then sent. */
export type HeartbeatData = Readonly<{
  /** How many activities are running, at least 1. */
  refcount: number;
}>;

/** What was still running at shutdown. */
export type ShutdownData = Readonly<{
  /** How many activities were running: the sum of `active`, 0 when all work had ended. */
  refcount: number;
  /** How many activities were running, by reason. */
  active: ActivityCounts;
  /** The age of the busy period, even if the activity that began it is over; `null` when nothing was running. */
  oldest_activity_ms: number | null;
}>;

/** What became of a session's keep-alives. */
export type KeepaliveCounts = Readonly<{
  /** Sends that succeeded. */
  sent: number;
  /** Sends that threw, rejected or took too long. */
  failed: number;
  /** Not sent: the send before was still pending. */
  skipped: number;
  /** Not sent: the gate was closed, or every running activity was overdue. */
  withheld: number;
  /** Not sent: the sender had nothing to send on and said so with `NOT_SENT`. */
  unsent: number;
}>;

/** What became of the keep-alives. Logged directly after the shutdown report, if any keep-alive was ever due. */
export type KeepaliveSummaryData = KeepaliveCounts &
  Readonly<{
    /** Heartbeats that came late by a tenth of the interval or more. */
    late: number;
  }>;

/** A stop with nothing to stop. */
export type UnmatchedStopData = Readonly<{
  /** The reason for which no activity was running. */
  reason: string;
}>;

/** An activity that ran longer than `maxActivityMs`, or without progress longer than `maxSilenceMs`. Logged once. */
export type OverdueData = Readonly<{
  /** What the activity was started for. */
  reason: string;
  /** How long it had run at the heartbeat that found it overdue. */
  held_ms: number;
  /** How long it had been without progress, if `maxSilenceMs` was passed. */
  silent_ms?: number;
}>;

/** The first failed send in a row, or the first of a newly registered sender. */
export type SendFailedData = Readonly<{
  /** `'timeout'` when the send was given up, `'error'` when it threw or rejected. */
  outcome: KeepaliveOutcome;
  /** The error's `code` if it matches `[A-Z][A-Z0-9_]{0,63}`, else `null`. Nothing else of an error is logged. */
  error_code: string | null;
}>;

/** The first successful send after a failure. */
export type SendRecoveredData = Readonly<{
  /** How many sends in a row had failed before it, at least 1. */
  failures: number;
}>;

/**
 * A keep-alive that was due but was not sent. Logged once, and again when the cause changes, or after a send succeeded
 * or failed, the sender changed or the session became idle.
 */
export type NotSentData = Readonly<{
  /** Why it was not sent. */
  cause: NotSentCause;
}>;

/** A heartbeat that came late by a tenth of the interval or more. */
export type LateHeartbeatData = Readonly<{
  /** The time from when it was due to when it came. */
  late_ms: number;
}>;

/** How the tracker is configured. Logged before its first start. */
export type ConfiguredData = Readonly<{
  /** The option `intervalMs`. */
  interval_ms: number;
  /** The option `idleAfterMs`. */
  idle_after_ms: number;
  /** The option `cadence`. */
  cadence: string;
}>;

/** An activity was started. */
export type StartedData = Readonly<{
  /** What it was started for. */
  reason: string;
  /** How many activities are running, this one included. */
  refcount: number;
}>;

/** An activity was stopped. */
export type StoppedData = Readonly<{
  /** What it was started for. */
  reason: string;
  /** How many activities are still running. */
  refcount: number;
  /** How long it had run. */
  held_ms: number;
}>;

/** A send succeeded. */
export type SentData = Readonly<{
  /** What caused the keep-alive. */
  trigger: KeepaliveTrigger;
  /** The time from the call of the sender to its success. */
  took_ms: number;
}>;

/** The name of the idle event, which carries its threshold: `session_idle_30s` by default. */
export type IdleEventName = `session_idle_${number}${'s' | 'ms'}`;

export function idleEventName(idleAfterMs: number): IdleEventName {
  return idleAfterMs % 1000 === 0 ? `session_idle_${idleAfterMs / 1000}s` : `session_idle_${idleAfterMs}ms`;
}

/** A logger may be asynchronous, whatever its type says. */
interface AnyLogger {
  log(...args: Parameters<DiagnosticsLogger['log']>): unknown;
}

/** Logs an event. What a logger throws or rejects with is ignored. */
export function logEvent(logger: AnyLogger, ...event: SessionActivityEvent): void;
// Without the rest parameter, which would make an array at every beat.
export function logEvent(logger: AnyLogger, level: DiagnosticsLevel, name: string, data?: DiagnosticsData): void {
  try {
    ignoreRejection(data === undefined ? logger.log(level, name) : logger.log(level, name, data));
  } catch {
    // The logger's own problem.
  }
}
