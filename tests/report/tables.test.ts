import { describe, expect, it } from '@jest/globals';
import type { TrackerHistory } from '../../src/report/history.js';
import { facts, reasonRows, reasonTable } from '../../src/report/tables.js';
import { historyWith, keepalive } from './made-history.js';

const activity = (reason: string, startMs: number, endMs: number, running = false) => ({
  ...{ reason, running },
  ...{ startMs, endMs },
});
const HEADING = ['reason', 'count', 'total', 'longest', 'still held'];

describe('reasonTable', () => {
  const tracker = historyWith({
    activities: [
      activity('rare\u0007', 0, 250),
      activity('often', 0, 1_000),
      activity('often', 500, 3_500, true),
      activity('often', 600, 700),
    ],
  });
  const other = historyWith({ activities: [activity('often', 0, 5_000, true)] });

  it('sums up each reason over all trackers, the longest in total first', () => {
    expect(reasonRows([tracker, other])).toEqual([
      { reason: 'often', count: 4, totalMs: 9_100, longestMs: 5_000, running: 2 },
      { reason: 'rare\u0007', count: 1, totalMs: 250, longestMs: 250, running: 0 },
    ]);
    expect(reasonTable([tracker, other], 2)).toEqual([
      HEADING,
      ['often', '4', '9.1 s', '5 s', '2'],
      ['rare\ufffd', '1', '250 ms', '250 ms', '0'],
    ]);
  });

  it('counts the reasons that it leaves out', () => {
    expect(reasonTable([tracker], 1).slice(2)).toEqual([['1 more', '', '', '', '']]);
  });

  it('has no heading where nothing ran', () => {
    expect(reasonTable([historyWith({ activities: [] })], 2)).toEqual([]);
  });
});

describe('facts', () => {
  const factsOf = (...trackers: readonly Partial<TrackerHistory>[]): [string, string][] =>
    facts(
      trackers.map((fields) => historyWith({ unmatchedStops: new Map(), ...fields })),
      (ms) => `${ms / 1_000} s`,
    );
  const untraced = { traced: false, hasHeartbeats: false };
  const totals = { failed: 0, skipped: 0, withheld: 0, unsent: 0, late: 0 };

  it('tell how many keep-alives were sent, and when the last', () => {
    expect(
      factsOf({ keepalives: [keepalive(1, 'sent'), keepalive(2, 'gate')] }, { keepalives: [keepalive(3, 'sent')] }),
    ).toContainEqual(['Keep-alives', '2 sent, the last at 3 s']);
    expect(factsOf({})).toEqual([['Keep-alives', 'none went out']]);
  });

  it("tell the trackers' own count where the log does not show the sends", () => {
    const counted = (sent: number): Partial<TrackerHistory> => ({ ...untraced, totals: { ...totals, sent } });

    expect(factsOf(counted(2), counted(3))).toEqual([['Keep-alives', "5 sent, by the tracker's own count"]]);
    expect(factsOf(untraced, {})).toEqual([['Keep-alives', 'the log does not say']]);
    expect(factsOf(counted(0))).toEqual([['Keep-alives', 'none went out']]);
    expect(factsOf({ ...counted(1), keepalives: [keepalive(1, 'sent'), keepalive(2, 'failed')] })).toHaveLength(1);
  });

  it('tell how often sends failed, with five codes at most', () => {
    const failed = ['A', 'A', null, 'B', 'C', 'D', 'E'].map((code, n) => keepalive(n + 1, 'failed', code));

    expect(factsOf({ keepalives: failed })).toContainEqual(['Failures', '7 (A, no code, B, C and D), first 1 s']);
  });

  it('tell why others were not sent, and of how many that is not known', () => {
    const causes = ['transport', 'aborted', 'gate', 'pending', 'overdue', 'gate', 'unknown', 'unknown'] as const;

    expect(factsOf({ keepalives: causes.map((cause, n) => keepalive(n, cause)) }).slice(1)).toEqual([
      [
        'Not sent',
        '2 gate closed, 1 all work overdue, 1 previous send pending, 1 nothing to send on, 1 sender replaced during a send',
      ],
      ['Not in the log', 'the outcome of 2 keep-alives'],
    ]);
  });

  it('tell of the worst of the late heartbeats', () => {
    const late = [2_000, 9_000, 5_000].map((lateMs, n) => ({ atMs: n * 1_000, lateMs }));

    expect(factsOf({ late })).toContainEqual(['Late heartbeats', '3, the worst by 9 s at 1 s']);
  });

  it('tell of stops without a start, for five reasons at most', () => {
    const unmatchedStops = new Map(['a\u0007', 'b', 'c', 'd', 'e', 'f'].map((reason, n) => [reason, n + 1]));

    expect(factsOf({ unmatchedStops })).toContainEqual(['Stops without a start', 'a\ufffd 1, b 2, c 3, d 4, e 5']);
  });
});
