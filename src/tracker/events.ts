import type { DiagnosticsLogger } from '../ports/diagnostics-logger.js';
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
  | ['debug', 'session_keepalive_heartbeat', { readonly refcount: number }]
  | ['info', IdleEventName]
  | ['info', 'session_activity_at_shutdown', ShutdownData]
  | ['warn', 'session_activity_unmatched_stop', { readonly reason: string }]
  | ['warn', 'session_activity_overdue', { readonly reason: string; readonly held_ms: number }]
  | ['warn', 'session_keepalive_failed', { readonly outcome: KeepaliveOutcome; readonly error_code: string | null }]
  | ['info', 'session_keepalive_recovered', { readonly failures: number }]
  | ['warn', 'session_keepalive_late', { readonly late_ms: number }];

/** What was still running at shutdown. `oldest_activity_ms` is the age of the busy period. */
export type ShutdownData = Readonly<{
  refcount: number;
  active: ActivityCounts;
  oldest_activity_ms: number | null;
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
export function report(logger: AnyLogger, ...event: SessionActivityEvent): void {
  try {
    const [level, name, data] = event;
    ignoreRejection(data === undefined ? logger.log(level, name) : logger.log(level, name, data));
  } catch {
    // A logger's own trouble.
  }
}
