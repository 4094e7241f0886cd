import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import type { SessionActivityHub } from '../hub/session-activity-hub.js';
import { assertKnownNames, assertMethods, invalid } from '../validate.js';
import { ReasonCounts } from './reason-counts.js';

/** What the instruments read of a hub. */
export type InstrumentableHub = Pick<SessionActivityHub, 'busyCount' | 'sessions' | 'size' | 'totals'>;

/** How a hub is instrumented. */
export interface InstrumentSessionActivityOptions {
  /**
   * How many reasons are reported by name: the first ones seen. All others are reported together as `_OTHER`. An
   * integer, 1 or more.
   *
   * @default 20
   */
  readonly maxReasons?: number | undefined;
}

const DEFAULT_MAX_REASONS = 20;

/**
 * Reports a hub's sessions to a meter. The hub is read only when the meter collects, once for all instruments:
 *
 * - `session_activity.session.count`, an up-down counter of sessions (`{session}`) by `session_activity.session.state`:
 *   `busy` or `idle`.
 * - `session_activity.activity.count`, an up-down counter of running activities (`{activity}`) by
 *   `session_activity.activity.reason`. A reason that was seen and no longer runs is reported as 0.
 * - `session_activity.activity.overdue`, an up-down counter of the running activities (`{activity}`) that are overdue.
 * - `session_activity.busy_period.oldest_age`, a gauge in seconds (`s`): 0 when no session is busy.
 * - `session_activity.keepalives`, a counter of keep-alives (`{keepalive}`) by `session_activity.keepalive.outcome`:
 *   `sent`, `failed`, `skipped`, `withheld` or `unsent`.
 * - `session_activity.late_heartbeats`, a counter of heartbeats (`{heartbeat}`).
 *
 * The counters include sessions that have ended. No session id is an attribute, so the number of time series is
 * bounded.
 *
 * @param hub - one per meter, for the life of the process. A second one would overwrite the values of the first.
 * @param meter - a meter of any OpenTelemetry SDK.
 * @returns the function that stops reading the hub. Calling it again does nothing. An SDK may go on exporting the last
 * values, so call it when the process ends, not to instrument the hub again.
 * @throws TypeError when `hub` is not a hub or `meter` not a meter, for an unknown option, or when `maxReasons` is not
 * a number.
 * @throws RangeError when `maxReasons` is not an integer of 1 or more. Nothing is created on the meter then.
 *
 * @example
 * ```ts
 * const stop = instrumentSessionActivity(hub, metrics.getMeter('my-host'));
 * ```
 */
export function instrumentSessionActivity(
  hub: InstrumentableHub,
  meter: Meter,
  options: InstrumentSessionActivityOptions = {},
): () => void {
  assertMethods('hub', hub, 'sessions', 'totals');
  assertMethods(
    'meter',
    meter,
    'createObservableUpDownCounter',
    'createObservableGauge',
    'createObservableCounter',
    'addBatchObservableCallback',
    'removeBatchObservableCallback',
  );
  const reasons = new ReasonCounts(maxReasonsOf(options));
  const instruments = createInstruments(meter);
  const observe = (result: BatchObservableResult): void => observeHub(hub, reasons, instruments, result);
  const observables = Object.values(instruments);
  meter.addBatchObservableCallback(observe, observables);
  return () => meter.removeBatchObservableCallback(observe, observables);
}

type Instruments = ReturnType<typeof createInstruments>;

function createInstruments(meter: Meter) {
  return {
    sessions: meter.createObservableUpDownCounter('session_activity.session.count', {
      description: 'Number of sessions by state.',
      unit: '{session}',
    }),
    activities: meter.createObservableUpDownCounter('session_activity.activity.count', {
      description: 'Number of running activities by reason.',
      unit: '{activity}',
    }),
    overdue: meter.createObservableUpDownCounter('session_activity.activity.overdue', {
      description: 'Number of running activities that are overdue.',
      unit: '{activity}',
    }),
    oldestAge: meter.createObservableGauge('session_activity.busy_period.oldest_age', {
      description: 'Age of the oldest busy period of a session, 0 when no session is busy.',
      unit: 's',
    }),
    keepalives: meter.createObservableCounter('session_activity.keepalives', {
      description: 'Number of keep-alives by outcome.',
      unit: '{keepalive}',
    }),
    lateHeartbeats: meter.createObservableCounter('session_activity.late_heartbeats', {
      description: 'Number of heartbeats that came late by a tenth of their interval or more.',
      unit: '{heartbeat}',
    }),
  };
}

function observeHub(
  hub: InstrumentableHub,
  reasons: ReasonCounts,
  instruments: Instruments,
  result: BatchObservableResult,
): void {
  const sessions = hub.sessions();
  const { keepalives, lateHeartbeats } = hub.totals(sessions);

  result.observe(instruments.sessions, hub.busyCount, { 'session_activity.session.state': 'busy' });
  result.observe(instruments.sessions, hub.size - hub.busyCount, { 'session_activity.session.state': 'idle' });

  reasons.reset();
  let overdue = 0;
  for (const { snapshot } of sessions) {
    overdue += snapshot.overdue;
    // A reason with no running activity has no entry, which the type of a partial record cannot express.
    const active = snapshot.active as Readonly<Record<string, number>>;
    for (const [reason, count] of Object.entries(active)) reasons.add(reason, count);
  }
  for (const [reason, count] of reasons) {
    result.observe(instruments.activities, count, { 'session_activity.activity.reason': reason });
  }

  result.observe(instruments.overdue, overdue);

  // The first session is the one that has been busy for longest.
  result.observe(instruments.oldestAge, (sessions[0]?.snapshot.busyMs ?? 0) / 1000);

  for (const outcome of ['sent', 'failed', 'skipped', 'withheld', 'unsent'] as const) {
    result.observe(instruments.keepalives, keepalives[outcome], { 'session_activity.keepalive.outcome': outcome });
  }
  result.observe(instruments.lateHeartbeats, lateHeartbeats);
}

function maxReasonsOf(options: InstrumentSessionActivityOptions): number {
  assertKnownNames('options', options, ['maxReasons']);
  const { maxReasons = DEFAULT_MAX_REASONS } = options;
  const expected = 'an integer, 1 or more';
  if (typeof maxReasons !== 'number') throw invalid(TypeError, 'maxReasons', expected, maxReasons);
  if (!Number.isInteger(maxReasons) || maxReasons < 1) throw invalid(RangeError, 'maxReasons', expected, maxReasons);
  return maxReasons;
}
