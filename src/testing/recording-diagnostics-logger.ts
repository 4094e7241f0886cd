import type { DiagnosticsData, DiagnosticsLevel, DiagnosticsLogger } from '../ports/diagnostics-logger.js';

/** An event as it was logged. One that was logged without data has no `data`. */
export interface RecordedEvent {
  /** The first argument of `log`. */
  readonly level: DiagnosticsLevel;
  /** The event's stable name, such as `session_keepalive_heartbeat`. */
  readonly event: string;
  /** The event's fields: the object that was logged, not a copy. */
  readonly data?: DiagnosticsData;
}

/** Records every event. */
export class RecordingDiagnosticsLogger implements DiagnosticsLogger {
  /** What was logged so far, in order. Empty it with `events.length = 0`. */
  readonly events: RecordedEvent[] = [];

  log(level: DiagnosticsLevel, event: string, data?: DiagnosticsData): void {
    this.events.push(data === undefined ? { level, event } : { level, event, data });
  }
}
