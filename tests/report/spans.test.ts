import { describe, expect, it } from '@jest/globals';
import type { LogEvent } from '../../src/report/log-event.js';
import { lowerBound } from '../../src/report/lower-bound.js';
import {
  activitiesOf,
  type Activity,
  busySpansOf,
  covers,
  merge,
  overlapping,
  sendersOf,
  type Span,
  subtract,
} from '../../src/report/spans.js';
import { eventAt } from './made-history.js';

const spans = (...pairs: readonly (readonly [number, number])[]): Span[] =>
  pairs.map(([startMs, endMs]) => ({ startMs, endMs }));

describe('merge', () => {
  it('joins spans that are at most so far apart', () => {
    expect(merge(spans([0, 10], [15, 20], [26, 30]), 5)).toEqual(spans([0, 20], [26, 30]));
  });

  it('keeps the end of a span that outlasts the next', () => {
    expect(merge(spans([0, 50], [10, 20], [30, 60]), 0)).toEqual(spans([0, 60]));
  });

  it('changes none of the spans given', () => {
    const given = spans([0, 10], [5, 20]);
    merge(given, 0);

    expect(given).toEqual(spans([0, 10], [5, 20]));
  });
});

describe('subtract', () => {
  it.each([
    ['nothing', [], [[10, 20]]],
    ['a hole before it', [[0, 10]], [[10, 20]]],
    ['a hole after it', [[20, 30]], [[10, 20]]],
    ['a hole at its beginning', [[5, 12]], [[12, 20]]],
    ['a hole at its end', [[15, 25]], [[10, 15]]],
    [
      'a hole within it',
      [[12, 15]],
      [
        [10, 12],
        [15, 20],
      ],
    ],
    [
      'two holes within it',
      [
        [11, 12],
        [14, 15],
      ],
      [
        [10, 11],
        [12, 14],
        [15, 20],
      ],
    ],
    ['a hole as long as it', [[10, 20]], []],
    ['a longer hole', [[5, 25]], []],
  ] as [string, [number, number][], [number, number][]][])('takes from a span %s', (_, holes, rest) => {
    expect(subtract(spans([10, 20]), spans(...holes))).toEqual(spans(...rest));
  });

  it('takes a hole that reaches over two spans from both', () => {
    expect(subtract(spans([0, 10], [20, 30], [40, 50]), spans([1, 2], [5, 25], [41, 42]))).toEqual(
      spans([0, 1], [2, 5], [25, 30], [40, 41], [42, 50]),
    );
  });
});

describe('overlapping', () => {
  it('gives the spans that have time in common with another', () => {
    const all = spans([0, 10], [20, 30], [40, 50], [60, 70]);

    expect(overlapping(all, { startMs: 29, endMs: 41 })).toEqual(spans([20, 30], [40, 50]));
    expect(overlapping(all, { startMs: 30, endMs: 40 })).toEqual([]);
    expect(overlapping(all, { startMs: 0, endMs: 100 })).toEqual(all);
  });
});

describe('covers', () => {
  it.each([
    [0, false],
    [10, true],
    [19, true],
    [20, false],
    [25, false],
    [30, true],
    [50, false],
  ])('tells whether one of the spans has begun and not ended: at %d', (atMs, isCovered) => {
    expect(covers(spans([10, 20], [30, 40]), atMs)).toBe(isCovered);
  });
});

describe('activitiesOf', () => {
  const started = (at: number, refcount = 1): LogEvent =>
    eventAt(at, 'session_activity_started', { reason: 'r', refcount });
  const stopped = (at: number, heldMs: number): LogEvent =>
    eventAt(at, 'session_activity_stopped', { reason: 'r', refcount: 0, held_ms: heldMs });
  const found = (...events: readonly LogEvent[]): { times: number[][]; missingLines: number } => {
    const { activities, missingLines } = activitiesOf(events, { startMs: 0, endMs: 100_000 });
    return { times: activities.map(({ startMs, endMs }) => [startMs / 1_000, endMs / 1_000]), missingLines };
  };

  it('counts a second stop of one start as a missing line', () => {
    expect(found(started(0), stopped(5, 5_000), stopped(6, 6_000))).toEqual({
      times: [
        [0, 5],
        [0, 6],
      ],
      missingLines: 1,
    });
  });

  it('takes a start for that of a stop within some rounding', () => {
    expect(found(started(0.01), stopped(5, 5_050))).toEqual({ times: [[0.01, 5]], missingLines: 0 });
    expect(found(started(0.01), stopped(5, 5_051)).missingLines).toBe(1);
  });

  it('ends what still runs with the shutdown, or with the log', () => {
    const shutdown = eventAt(50, 'session_activity_at_shutdown', {
      refcount: 1,
      active: { r: 1 },
      oldest_activity_ms: 0,
    });

    expect(found(started(0), shutdown).times).toEqual([[0, 50]]);
    expect(found(started(0)).times).toEqual([[0, 100]]);
  });
});

describe('sendersOf', () => {
  const configured = eventAt(0, 'session_tracker_configured');
  const started = (at: number): LogEvent => eventAt(at, 'session_activity_started');
  const beat = (at: number): LogEvent => eventAt(at, 'session_keepalive_heartbeat');
  const registered = (at: number): LogEvent => eventAt(at, 'session_sender_registered');
  const removed = (at: number): LogEvent => eventAt(at, 'session_sender_removed');
  const times = (...events: readonly LogEvent[]): number[][] =>
    sendersOf(events, 100_000).map(({ startMs, endMs }) => [startMs / 1_000, endMs / 1_000]);

  it('lasts from a registration to a removal, or to the end', () => {
    expect(times(started(10), registered(20), removed(30), removed(35), registered(40), registered(50))).toEqual([
      [20, 30],
      [40, 100],
    ]);
  });

  it('lasts from the beginning if a removal comes first', () => {
    expect(times(configured, started(10), removed(30))).toEqual([[0, 30]]);
  });

  it('lasts all the time if heartbeats came, or the beginning is missing, and no line is about a sender', () => {
    expect(times(configured, started(10), beat(40))).toEqual([[0, 100]]);
    expect(times(started(10))).toEqual([[10, 100]]);
    expect(times(configured, started(10))).toEqual([]);
  });
});

describe('busySpansOf', () => {
  const busyTimes = (activities: readonly Activity[], ...events: readonly LogEvent[]): number[][] =>
    busySpansOf(activities, events, 30_000).map(({ startMs, endMs }) => [startMs / 1_000, endMs / 1_000]);
  const beat = (at: number): LogEvent => eventAt(at, 'session_keepalive_heartbeat', { refcount: 1 });
  const shutdown = (at: number, oldestMs: number | null): LogEvent =>
    eventAt(at, 'session_activity_at_shutdown', { refcount: 1, active: {}, oldest_activity_ms: oldestMs });

  it('lasts from heartbeat to heartbeat, if they are less than one and a half intervals apart', () => {
    expect(busyTimes([], beat(30), beat(60), beat(104.999))).toEqual([[30, 104.999]]);
    expect(busyTimes([], beat(30), beat(60), beat(105))).toEqual([
      [30, 60],
      [105, 105],
    ]);
  });

  it('lasts for as long as the shutdown report says', () => {
    expect(busyTimes([], beat(30), beat(60), shutdown(61, 61_000))).toEqual([[0, 61]]);
    expect(busyTimes([], shutdown(61, null))).toEqual([]);
  });

  it('is that of the activities where they are known', () => {
    const activity = { reason: 'r', running: false };

    expect(
      busyTimes(
        [
          { ...activity, startMs: 0, endMs: 31_000 },
          { ...activity, startMs: 36_000, endMs: 67_000 },
        ],
        ...[beat(30), beat(66), shutdown(67, 67_000)],
      ),
    ).toEqual([
      [0, 31],
      [36, 67],
    ]);
  });
});

describe('lowerBound', () => {
  it.each([0, 1, 2, 3, 4, 5])('counts how many of five come first: %d', (count) => {
    expect(lowerBound([0, 1, 2, 3, 4], (item) => item < count)).toBe(count);
  });

  it('counts none in an empty list', () => {
    expect(lowerBound([], () => true)).toBe(0);
  });
});
