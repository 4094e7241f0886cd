import type { TrackerHistory } from '../../src/report/history.js';
import type { Keepalive, Outcome } from '../../src/report/keepalives.js';
import type { LogEvent } from '../../src/report/log-event.js';
import type { Span } from '../../src/report/spans.js';

/** Spans from pairs of seconds. */
export function spans(...pairs: readonly (readonly [number, number])[]): Span[] {
  return pairs.map(([start, end]) => ({ startMs: start * 1_000, endMs: end * 1_000 }));
}

export function keepalive(atSeconds: number, outcome: Outcome, code: string | null = null): Keepalive {
  return { atMs: atSeconds * 1_000, outcome, code, trigger: 'heartbeat', tookMs: undefined };
}

/** An event as read from a log. */
export function eventAt(atSeconds: number, name: LogEvent['name'], data: object = {}): LogEvent {
  return { name, atMs: atSeconds * 1_000, process: 'p', data } as LogEvent;
}

/** A history as far as silences are found in it: by default work and a sender for 1,000 seconds, and no keep-alive. */
export function historyWith(fields: Partial<TrackerHistory>): TrackerHistory {
  const history: Partial<TrackerHistory> = {
    intervalMs: 30_000,
    idleAfterMs: 30_000,
    traced: true,
    hasHeartbeats: true,
    cadence: 'restart',
    busy: spans([0, 1_000]),
    senders: spans([0, 1_000]),
    late: [],
    keepalives: [],
    overdue: [],
    runningAtEnd: new Map(),
  };
  return { ...history, ...fields } as TrackerHistory;
}
