import { keepalivesOf, type Keepalive } from './keepalives.js';
import type { KeepaliveSummaryData } from '../tracker/events.js';
import type { EventOf, LogEvent } from './log-event.js';
import type { Log, SessionLog } from './read.js';
import { splitByTracker, type TrackerEvents } from './trackers.js';
import { activitiesOf, busySpansOf, sendersOf, type Activity, type Span } from './spans.js';

/** What the log says about one tracker. */
export interface TrackerHistory {
  readonly firstMs: number;
  /** The time of its last event. */
  readonly lastMs: number;
  /** When its process wrote its last line of any kind. */
  readonly processLastMs: number | undefined;
  /** Whether it ran with `trace: true`. */
  readonly traced: boolean;
  /** Whether its heartbeats were logged, which needs level debug. */
  readonly hasHeartbeats: boolean;
  /** Whether later events were left out because of `--to`. */
  readonly truncated: boolean;
  /** `undefined` if it is not in the log. */
  readonly cadence: string | undefined;
  readonly intervalMs: number;
  /** Whether the interval is a guess. */
  readonly intervalAssumed: boolean;
  readonly idleAfterMs: number;
  /** Sorted by start. Empty without a trace. */
  readonly activities: readonly Activity[];
  /** When something ran. */
  readonly busy: readonly Span[];
  /** When a sender was registered; `undefined` if it is not in the log. */
  readonly senders: readonly Span[] | undefined;
  /** The last event about a sender; `undefined` if there is none. */
  readonly lastSenderEvent: EventOf<'session_sender_registered' | 'session_sender_removed'> | undefined;
  readonly keepalives: readonly Keepalive[];
  readonly late: readonly Readonly<{ atMs: number; lateMs: number }>[];
  readonly overdue: readonly EventOf<'session_activity_overdue'>[];
  readonly unmatchedStops: ReadonlyMap<string, number>;
  readonly shutdown: EventOf<'session_activity_at_shutdown'> | undefined;
  readonly totals: KeepaliveSummaryData | undefined;
  /** When it was shut down, by its report or else its totals; `undefined` if the log shows neither. */
  readonly shutDownMs: number | undefined;
  /** Whether the log shows what ran at the end. */
  readonly isEndKnown: boolean;
  /** What ran at the end, by reason, as far as the log shows. */
  readonly runningAtEnd: ReadonlyMap<string, number>;
  /** How many start and stop lines are missing from the log, as far as the others show. */
  readonly missingLines: number;
}

export interface SessionHistory {
  readonly id: string | null;
  readonly trackers: readonly TrackerHistory[];
}

const DEFAULT_INTERVAL_MS = 30_000;

/**
 * Reconstructs from a session's events what happened in each of its trackers.
 *
 * @param fromMs - what ended before this is left out.
 */
export function historyOf(session: SessionLog, log: Pick<Log, 'lastLineMs'>, fromMs = -Infinity): SessionHistory {
  const trackers = splitByTracker(session.events)
    .map((tracker, index, all) => trackerHistoryOf(tracker, log, session.truncated && index === all.length - 1))
    .filter(({ lastMs }) => lastMs >= fromMs)
    .map((tracker) => clip(tracker, fromMs));
  return { id: session.id, trackers };
}

function trackerHistoryOf(
  { events, traced, process }: TrackerEvents,
  log: Pick<Log, 'lastLineMs'>,
  truncated: boolean,
): TrackerHistory {
  const span = timesOf(events);
  const { startMs: firstMs, endMs: lastMs } = span;
  const of = <Name extends (typeof events)[number]['name']>(name: Name): EventOf<Name>[] =>
    events.filter((event): event is EventOf<Name> => event.name === name);

  const configured = of('session_tracker_configured').at(-1)?.data;
  const shutdown = of('session_activity_at_shutdown')[0];
  const beats = of('session_keepalive_heartbeat');
  const summary = of('session_keepalive_summary').at(-1);
  const seenIntervalMs = typicalGap(beats);
  const intervalMs = configured?.interval_ms ?? seenIntervalMs ?? DEFAULT_INTERVAL_MS;
  const { activities, missingLines } = activitiesOf(events, span);
  const busy = busySpansOf(traced ? activities : [], events, intervalMs);
  const running = runningAtEnd(activities, traced, shutdown, events, lastMs - intervalMs);
  const unmatchedStops = new Map<string, number>();
  for (const { data } of of('session_activity_unmatched_stop'))
    unmatchedStops.set(data.reason, (unmatchedStops.get(data.reason) ?? 0) + 1);

  return {
    firstMs: Math.min(firstMs, busy[0]?.startMs ?? firstMs),
    lastMs,
    processLastMs: log.lastLineMs.get(process),
    traced,
    hasHeartbeats: beats.length > 0,
    truncated,
    cadence: configured?.cadence,
    intervalMs,
    intervalAssumed: configured === undefined && seenIntervalMs === undefined,
    idleAfterMs: configured?.idle_after_ms ?? intervalMs,
    activities,
    busy,
    senders: traced ? sendersOf(events, lastMs) : undefined,
    lastSenderEvent: events.findLast(
      (event) => event.name === 'session_sender_registered' || event.name === 'session_sender_removed',
    ),
    keepalives: keepalivesOf(events, traced, lastMs, summary?.data),
    late: of('session_keepalive_late').map(({ atMs, data }) => ({ atMs, lateMs: data.late_ms })),
    overdue: of('session_activity_overdue'),
    unmatchedStops,
    shutdown,
    totals: summary?.data,
    shutDownMs: (shutdown ?? summary)?.atMs,
    isEndKnown: running !== undefined,
    runningAtEnd: running ?? new Map<string, number>(),
    missingLines,
  };
}

/** From the first event of all to the last. */
export function extentOf(trackers: readonly TrackerHistory[]): Span {
  let [startMs, endMs] = [Infinity, -Infinity];
  for (const { firstMs, lastMs } of trackers) [startMs, endMs] = [Math.min(startMs, firstMs), Math.max(endMs, lastMs)];
  return { startMs, endMs };
}

/** @param recentMs - a heartbeat since then means that work still runs. */
function runningAtEnd(
  activities: readonly Activity[],
  traced: boolean,
  shutdown: TrackerHistory['shutdown'],
  events: readonly LogEvent[],
  recentMs: number,
): ReadonlyMap<string, number> | undefined {
  if (shutdown !== undefined) return new Map(Object.entries(shutdown.data.active as Readonly<Record<string, number>>));
  const counts = new Map<string, number>();
  if (traced) {
    for (const { reason, running } of activities) if (running) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    return counts;
  }
  if (events.at(-1)?.name === 'session_idle') return counts;
  const beat = events.findLast((event) => event.name === 'session_keepalive_heartbeat');
  return beat !== undefined && beat.atMs >= recentMs ? new Map([['work', beat.data.refcount]]) : undefined;
}

/** From the first event to the last. */
function timesOf(events: readonly LogEvent[]): Span {
  let [startMs, endMs] = [Infinity, -Infinity];
  for (const { atMs } of events) [startMs, endMs] = [Math.min(startMs, atMs), Math.max(endMs, atMs)];
  return { startMs, endMs };
}

/** The median time between two heartbeats. Heartbeats at the same moment are of two trackers, and tell nothing. */
function typicalGap(beats: readonly LogEvent[]): number | undefined {
  const gaps: number[] = [];
  let previousMs = Infinity;
  for (const { atMs } of beats) {
    if (atMs > previousMs) gaps.push(atMs - previousMs);
    previousMs = atMs;
  }
  gaps.sort((a, b) => a - b);
  return gaps[gaps.length >> 1];
}

/** The history from a time on. */
function clip(tracker: TrackerHistory, fromMs: number): TrackerHistory {
  const spans = (all: readonly Span[]): Span[] =>
    all
      .filter(({ endMs }) => endMs >= fromMs)
      .map(({ startMs, endMs }) => ({ startMs: Math.max(startMs, fromMs), endMs }));
  const since = <T extends { readonly atMs: number }>(all: readonly T[]): T[] =>
    all.filter(({ atMs }) => atMs >= fromMs);
  return {
    ...tracker,
    firstMs: Math.max(tracker.firstMs, fromMs),
    activities: tracker.activities.filter(({ endMs }) => endMs >= fromMs),
    busy: spans(tracker.busy),
    senders: tracker.senders && spans(tracker.senders),
    keepalives: since(tracker.keepalives),
    late: since(tracker.late),
    overdue: since(tracker.overdue),
  };
}
