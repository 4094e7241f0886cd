import { describe, expect, it } from '@jest/globals';
import { type Bar, condense, layOut } from '../../src/report/condense.js';
import type { Keepalive, Outcome } from '../../src/report/keepalives.js';
import type { Activity } from '../../src/report/spans.js';

const activity = (startMs: number, endMs: number, running = false): Activity => ({
  reason: 'r',
  startMs,
  endMs,
  running,
});
const bar = (startMs: number, endMs: number, fields: Partial<Bar> = {}): Bar => ({
  startMs,
  endMs,
  count: 1,
  running: false,
  row: 0,
  ...fields,
});

/** With 10 bars for 1,000 ms a cell is 100 ms wide, and an activity of up to 300 ms is short. */
const SPAN = { startMs: 0, endMs: 1_000 };
const MAX = 10;

describe('layOut', () => {
  const rowsOf = (activities: readonly Activity[]): number[] =>
    layOut(activities, SPAN, MAX).bars.map(({ row }) => row);

  it('draws an empty lane one row high', () => {
    expect(layOut([], SPAN, MAX)).toEqual({ bars: [], rows: 1 });
  });

  it('puts an activity into the first row that is free when it starts', () => {
    expect(rowsOf([activity(0, 100), activity(50, 200), activity(100, 300), activity(150, 400)])).toEqual([0, 1, 0, 2]);
  });

  it('has six rows at most, and keeps the last one for all that do not fit', () => {
    const eight = Array.from({ length: 8 }, (_, n) => activity(n, 500 - n));

    expect(rowsOf(eight)).toEqual([0, 1, 2, 3, 4, 5, 5, 5]);
    expect(rowsOf([...eight, activity(494, 600)])).toEqual([0, 1, 2, 3, 4, 5, 5, 5, 5]);
    expect(layOut(eight, SPAN, MAX).rows).toBe(6);
  });

  it('draws each activity as one bar where there are no more than allowed', () => {
    const ten = Array.from({ length: 10 }, (_, n) => activity(n, n + 1, n === 9));

    expect(layOut(ten, SPAN, MAX)).toEqual({
      bars: ten.map(({ startMs, endMs, running }) => bar(startMs, endMs, { running })),
      rows: 1,
    });
  });

  describe('with more than allowed', () => {
    const barsOf = (activities: readonly Activity[]): Bar[] => layOut(activities, SPAN, MAX).bars;
    /** Eleven activities of 1 ms, of which the last ends at 950 ms. */
    const last = Array.from({ length: 11 }, (_, n) => activity(939 + n, 940 + n));
    const joinedLast = bar(939, 950, { count: 11 });

    it('joins short ones that are at most a cell apart', () => {
      expect(barsOf([activity(0, 50), activity(150, 160), activity(261, 270), ...last])).toEqual([
        bar(0, 160, { count: 2 }),
        bar(261, 270),
        joinedLast,
      ]);
    });

    it('ends a joined bar with the last of them to end, and marks it as running if one is', () => {
      expect(barsOf([activity(0, 200, true), activity(10, 20), ...last])[0]).toEqual(
        bar(0, 200, { count: 2, running: true }),
      );
      expect(barsOf([activity(0, 20), activity(10, 200, true), ...last])[0]).toEqual(
        bar(0, 200, { count: 2, running: true }),
      );
    });

    it('gives one longer than three cells a bar of its own, in the order of time', () => {
      expect(barsOf([activity(0, 301), activity(10, 310), activity(20, 30), ...last])).toEqual([
        bar(0, 301),
        bar(10, 310, { count: 2, row: 1 }),
        joinedLast,
      ]);
    });

    it('draws only the longest of too many long ones, in the order of time', () => {
      const eleven = Array.from({ length: 11 }, (_, n) => activity(n, 501 + 2 * n));

      expect(barsOf(eleven).map(({ startMs }) => startMs)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });
  });
});

describe('condense', () => {
  const keepalive = (atMs: number, outcome: Outcome = 'sent'): Keepalive => ({
    atMs,
    outcome,
    trigger: 'heartbeat',
    code: null,
    tookMs: undefined,
  });
  const marksOf = (keepalives: readonly Keepalive[], startMs = 0): [atMs: number, count: number][] =>
    condense(keepalives, { startMs, endMs: startMs + 1_000 }, 3).map(({ keepalive: { atMs }, count }) => [atMs, count]);

  it('marks each keep-alive where there are no more than allowed', () => {
    expect(marksOf([keepalive(0), keepalive(1), keepalive(2)])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  it('joins those of one outcome in the same part of the time', () => {
    expect(
      marksOf([keepalive(100), keepalive(200, 'gate'), keepalive(432), keepalive(434), keepalive(500, 'gate')], 100),
    ).toEqual([
      [100, 2],
      [200, 1],
      [434, 1],
      [500, 1],
    ]);
  });
});
