import { jest } from '@jest/globals';
import type { Keepalive, SessionActivityReason, TrackerOptions } from '../../src/index.js';
import { createTestTracker, type TestTracker } from '../../src/testing/index.js';

/** When an event was logged, followed by the arguments of `log`. */
type LoggedEvent = [atMs: number, ...args: unknown[]];

/** A test tracker that records its events with their times, and a sender that records its calls. */
export interface ObservedTracker<Reason extends string> extends TestTracker<Reason> {
  readonly log: LoggedEvent[];
  readonly sends: { readonly atMs: number; readonly keepalive: Keepalive<Reason> }[];
  readonly send: (keepalive: Keepalive<Reason>) => void;
  /** The events of that name. */
  readonly named: (event: string) => LoggedEvent[];
  /** When each event of that name was logged. */
  readonly timesOf: (event: string) => number[];
}

export function observeTracker<Reason extends string = SessionActivityReason>(
  options?: TrackerOptions,
): ObservedTracker<Reason> {
  const kit = createTestTracker<Reason>(options);
  const log: LoggedEvent[] = [];
  const sends: ObservedTracker<Reason>['sends'] = [];
  const named = (event: string): LoggedEvent[] => log.filter((logged) => logged[2] === event);
  jest.spyOn(kit.diagnostics, 'log').mockImplementation((...args) => {
    log.push([kit.clock.now(), ...args]);
  });
  return {
    ...kit,
    log,
    sends,
    send: (keepalive) => {
      sends.push({ atMs: kit.clock.now(), keepalive });
    },
    named,
    timesOf: (event) => named(event).map(([atMs]) => atMs),
  };
}

export const HEARTBEAT = 'session_keepalive_heartbeat';
export const REPORT = 'session_activity_at_shutdown';
export const UNMATCHED = 'session_activity_unmatched_stop';
export const OVERDUE = 'session_activity_overdue';
export const FAILED = 'session_keepalive_failed';
export const RECOVERED = 'session_keepalive_recovered';
export const LATE = 'session_keepalive_late';
export const NOT_SENT_EVENT = 'session_keepalive_not_sent';
export const SUMMARY = 'session_keepalive_summary';
