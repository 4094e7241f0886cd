import type { EventOf, LogEvent } from './log-event.js';
import { lowerBound } from './lower-bound.js';

/** A stretch of time, in epoch milliseconds. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export function lengthMs({ startMs, endMs }: Span): number {
  return endMs - startMs;
}

/** For sorting. */
export function longestFirst(a: Span, b: Span): number {
  return lengthMs(b) - lengthMs(a);
}

/** The spans that share time with another. `spans` are sorted and do not overlap one another. */
export function overlapping(spans: readonly Span[], { startMs, endMs }: Span): readonly Span[] {
  return spans.slice(
    lowerBound(spans, (span) => span.endMs <= startMs),
    lowerBound(spans, (span) => span.startMs < endMs),
  );
}

/** Whether a moment lies in one of the spans, which are sorted and do not overlap one another. */
export function covers(spans: readonly Span[], atMs: number): boolean {
  const span = spans[lowerBound(spans, ({ endMs }) => endMs <= atMs)];
  return span !== undefined && span.startMs <= atMs;
}

/** One piece of work. */
export interface Activity extends Span {
  readonly reason: string;
  /** Still running when the log or the tracker ended. */
  readonly running: boolean;
}

/** A start may be logged this long after the moment from which its age counts. */
const TOLERANCE_MS = 50;

/**
 * Pairs starts and stops. A stop says for how long its activity was held, so its start is known even if the log lacks
 * that line.
 */
export function activitiesOf(
  events: readonly LogEvent[],
  { startMs: firstMs, endMs: lastMs }: Span,
): { activities: readonly Activity[]; missingLines: number } {
  const activities: Activity[] = [];
  /** The start times of what runs, oldest first, by reason. */
  const open = new Map<string, number[]>();
  let [refcount, missingLines] = [0, 0];

  const finish = (reason: string, startMs: number, endMs: number, running: boolean): void => {
    activities.push({ reason, startMs, endMs, running });
  };
  for (const { name, atMs, data } of events) {
    if (name === 'session_activity_started') {
      refcount++;
      if (data.refcount === 1) {
        // Nothing else runs, so any other open start has lost its stop line.
        for (const [reason, starts] of open) for (const startMs of starts) finish(reason, startMs, atMs, false);
        open.clear();
        missingLines += refcount - 1;
        refcount = 1;
      }
      const starts = open.get(data.reason);
      if (starts === undefined) open.set(data.reason, [atMs]);
      else starts.push(atMs);
    } else if (name === 'session_activity_stopped') {
      const startMs = atMs - data.held_ms;
      const starts = open.get(data.reason);
      if (starts === undefined || starts.length === 0 || startMs < firstMs - TOLERANCE_MS) {
        finish(data.reason, startMs, atMs, false);
        missingLines++;
      } else {
        refcount--;
        finish(data.reason, takeNearest(starts, startMs), atMs, false);
      }
    }
  }
  const endMs = events.find(({ name }) => name === 'session_activity_at_shutdown')?.atMs ?? lastMs;
  for (const [reason, starts] of open)
    for (const startMs of starts) finish(reason, startMs, Math.max(startMs, endMs), true);
  return { activities: activities.sort((a, b) => a.startMs - b.startMs), missingLines };
}

/** Removes the time nearest to `wantedMs` from a sorted list. */
function takeNearest(times: number[], wantedMs: number): number {
  const next = lowerBound(times, (ms) => ms < wantedMs);
  const distance = (index: number): number => Math.abs((times[index] ?? Infinity) - wantedMs);
  const index = distance(next - 1) < distance(next) ? next - 1 : next;
  return times.splice(index, 1).reduce((_, ms) => ms, wantedMs);
}

/** When something ran: from the activities, or, without a trace, from the heartbeats and the shutdown report. */
export function busySpansOf(
  activities: readonly Activity[],
  events: readonly LogEvent[],
  intervalMs: number,
): readonly Span[] {
  const spans: Span[] = [...activities];
  if (spans.length === 0) {
    const isShutdown = (event: LogEvent): event is EventOf<'session_activity_at_shutdown'> =>
      event.name === 'session_activity_at_shutdown';
    let previousMs = -Infinity;
    for (const event of events) {
      if (event.name === 'session_keepalive_heartbeat') {
        const isSameRun = event.atMs - previousMs < 1.5 * intervalMs;
        spans.push({ startMs: isSameRun ? previousMs : event.atMs, endMs: event.atMs });
        previousMs = event.atMs;
      } else if (isShutdown(event) && event.data.oldest_activity_ms !== null)
        spans.push({ startMs: event.atMs - event.data.oldest_activity_ms, endMs: event.atMs });
    }
    spans.sort((a, b) => a.startMs - b.startMs);
  }
  return merge(spans, 0);
}

/** Joins spans, sorted by their start, that are at most `gapMs` apart. */
export function merge(spans: readonly Span[], gapMs: number): Span[] {
  const merged: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of spans) {
    const last = merged.at(-1);
    if (last !== undefined && startMs <= last.endMs + gapMs) last.endMs = Math.max(last.endMs, endMs);
    else merged.push({ startMs, endMs });
  }
  return merged;
}

/** What `spans` cover and `holes` do not. Both are sorted and do not overlap. */
export function subtract(spans: readonly Span[], holes: readonly Span[]): Span[] {
  return spans.flatMap((span) => {
    const rest: Span[] = [];
    let fromMs = span.startMs;
    for (const hole of overlapping(holes, span)) {
      if (hole.startMs > fromMs) rest.push({ startMs: fromMs, endMs: hole.startMs });
      fromMs = hole.endMs;
    }
    if (fromMs < span.endMs) rest.push({ startMs: fromMs, endMs: span.endMs });
    return rest;
  });
}

/** When a sender was registered. Heartbeats need one, so they show it where the log has no line about the sender. */
export function sendersOf(events: readonly LogEvent[], lastMs: number): readonly Span[] {
  const spans: Span[] = [];
  const first = events.find(({ name }) => name === 'session_sender_registered' || name === 'session_sender_removed');
  const showsBeginning = events.some(({ name }) => name === 'session_tracker_configured');
  const hasHeartbeats = events.some(({ name }) => name === 'session_keepalive_heartbeat');
  const wasRegistered =
    first === undefined ? hasHeartbeats || !showsBeginning : first.name === 'session_sender_removed';
  let sinceMs = wasRegistered ? events[0]?.atMs : undefined;
  for (const { name, atMs } of events) {
    if (name === 'session_sender_registered') sinceMs ??= atMs;
    if (name === 'session_sender_removed' && sinceMs !== undefined) {
      spans.push({ startMs: sinceMs, endMs: atMs });
      sinceMs = undefined;
    }
  }
  if (sinceMs !== undefined) spans.push({ startMs: sinceMs, endMs: lastMs });
  return merge(spans, 0);
}
